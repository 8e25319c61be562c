package main

import (
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// One client's conversation. Every sender, receiver and password is welcome.
type session struct{ box *mailbox }

var _ smtp.AuthSession = (*session)(nil)

func (*session) Reset()                               {}
func (*session) Logout() error                        { return nil }
func (*session) Mail(string, *smtp.MailOptions) error { return nil }
func (*session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (*session) AuthMechanisms() []string             { return []string{sasl.Plain} }
func (*session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, _ string) error { return nil }), nil
}

func (s *session) Data(mail io.Reader) error {
	raw, err := io.ReadAll(mail)
	if err == nil {
		s.box.put(raw)
	}
	return err
}
