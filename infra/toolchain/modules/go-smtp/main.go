// A mail server that takes every mail and gives none away but by HTTP, in the words of Mailpit's API: what a test says to one
// it can say to the other.
package main

import (
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/emersion/go-smtp"
)

const maxMailBytes = 64 << 20

func main() {
	if len(os.Args) != 3 {
		log.Fatalf("usage: %s SMTP-ADDRESS HTTP-ADDRESS", os.Args[0])
	}
	box := &mailbox{}
	mails := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{box: box}, nil
	}))
	mails.Domain = "smtp-sink"
	mails.MaxMessageBytes = maxMailBytes
	mails.AllowInsecureAuth = true
	// Whoever gets an answer by HTTP may rely on mails being taken.
	door, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(mails.Serve(door)) }()
	log.Fatal(http.ListenAndServe(os.Args[2], handler(box)))
}

func handler(box *mailbox) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /api/v1/messages", func(w http.ResponseWriter, _ *http.Request) {
		all := box.newestFirst()
		summaries := make([]summary, 0, len(all))
		for _, one := range all {
			summaries = append(summaries, summaryOf(one))
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]any{"total": len(all), "messages": summaries}); err != nil {
			log.Print(err)
		}
	})
	mux.HandleFunc("GET /api/v1/message/{id}/raw", func(w http.ResponseWriter, r *http.Request) {
		one, found := box.find(r.PathValue("id"))
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if _, err := w.Write(one.raw); err != nil {
			log.Print(err)
		}
	})
	mux.HandleFunc("DELETE /api/v1/messages", func(w http.ResponseWriter, _ *http.Request) {
		box.empty()
		w.Write([]byte("ok"))
	})
	return mux
}
