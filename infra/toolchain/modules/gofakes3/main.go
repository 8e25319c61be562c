// An object store that keeps everything in memory and looks at no signature.
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatalf("usage: %s ADDRESS", os.Args[0])
	}
	store := gofakes3.New(s3mem.New(), gofakes3.WithLogger(gofakes3.DiscardLog()))
	log.Fatal(http.ListenAndServe(os.Args[1], store.Server()))
}
