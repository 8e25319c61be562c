package main

import (
	"bytes"
	"crypto/rand"
	"mime"
	"net/mail"
	"slices"
	"sync"
	"time"
)

// A mail as it came, and when.
type received struct {
	id      string
	created time.Time
	raw     []byte
}

type mailbox struct {
	lock  sync.Mutex
	mails []received
}

func (box *mailbox) put(raw []byte) {
	box.lock.Lock()
	defer box.lock.Unlock()
	box.mails = append(box.mails, received{id: rand.Text(), created: time.Now().UTC(), raw: raw})
}

func (box *mailbox) newestFirst() []received {
	box.lock.Lock()
	defer box.lock.Unlock()
	all := slices.Clone(box.mails)
	slices.Reverse(all)
	return all
}

func (box *mailbox) find(id string) (received, bool) {
	box.lock.Lock()
	defer box.lock.Unlock()
	for _, one := range box.mails {
		if one.id == id {
			return one, true
		}
	}
	return received{}, false
}

func (box *mailbox) empty() {
	box.lock.Lock()
	defer box.lock.Unlock()
	box.mails = nil
}

type address struct {
	Name    string
	Address string
}

type summary struct {
	ID      string
	Created time.Time
	From    *address
	To      []address
	Subject string
	Size    int
}

// What a list tells of a mail. One whose head cannot be read is listed, too, with what is known of it.
func summaryOf(one received) summary {
	told := summary{ID: one.id, Created: one.created, To: []address{}, Size: len(one.raw)}
	parsed, err := mail.ReadMessage(bytes.NewReader(one.raw))
	if err != nil {
		return told
	}
	told.Subject = decoded(parsed.Header.Get("Subject"))
	if from, err := parsed.Header.AddressList("From"); err == nil && len(from) > 0 {
		told.From = &address{Name: from[0].Name, Address: from[0].Address}
	}
	if to, err := parsed.Header.AddressList("To"); err == nil {
		for _, each := range to {
			told.To = append(told.To, address{Name: each.Name, Address: each.Address})
		}
	}
	return told
}

func decoded(header string) string {
	text, err := new(mime.WordDecoder).DecodeHeader(header)
	if err != nil {
		return header
	}
	return text
}
