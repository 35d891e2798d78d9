// Checks a log with nothing but Go's own golang.org/x/mod/sumdb/note and tlog: the checkpoint's signature,
// tiles over HTTP, inclusion of every record, consistency of sizes, and a receipt file.
//
// GO111MODULE=off GOPATH=/usr/share/gocode go run sumdb.go -log http://…/log -key … [-token …] -receipt FILE
package main

import (
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// server reads tiles over HTTP, as tlog.TileReader asks for them.
type server struct {
	log, token string
	requests   int
}

func (s *server) get(path string) ([]byte, error) {
	s.requests++
	request, err := http.NewRequest("GET", s.log+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != 200 {
		err = fmt.Errorf("%s: %s", path, response.Status)
	}
	return body, err
}

// path is that of C2SP tlog-tiles: Go's own without the height, and with another name for the records.
func path(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

func (s *server) Height() int { return height }

func (s *server) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		body, err := s.get(path(tile))
		if err != nil {
			return nil, err
		}
		data = append(data, body)
	}
	return data, nil
}

func (s *server) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

// open checks a checkpoint's signature and reads it.
func open(message []byte, key string) (string, tlog.Tree) {
	verifier, err := note.NewVerifier(key)
	must(err, "key")
	opened, err := note.Open(message, note.VerifierList(verifier))
	must(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		must(fmt.Errorf("%q", opened.Text), "the text of the checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "root")
	return lines[0], tlog.Tree{N: size, Hash: root}
}

// records reads every entry bundle.
func records(s *server, size int64) [][]byte {
	var all [][]byte
	for start := int64(0); start < size; start += 1 << height {
		width := size - start
		if width > 1<<height {
			width = 1 << height
		}
		tile := tlog.Tile{H: height, L: -1, N: start >> height, W: int(width)}
		bundle, err := s.get(path(tile))
		must(err, "entries")
		for len(bundle) > 0 {
			length := int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
	}
	return all
}

func main() {
	log := flag.String("log", "", "the log's address")
	key := flag.String("key", "", "its verifier key")
	token := flag.String("token", "", "an access token")
	receipt := flag.String("receipt", "", "a receipt of the log")
	flag.Parse()
	s := &server{log: *log, token: *token}

	message, err := s.get("checkpoint")
	must(err, "checkpoint")
	origin, tree := open(message, *key)
	fmt.Printf("checkpoint of %s: %d records\n", origin, tree.N)

	hashes := tlog.TileHashReader(tree, s)
	all := records(s, tree.N)
	if int64(len(all)) != tree.N {
		must(fmt.Errorf("%d", len(all)), "number of records")
	}
	for n, record := range all {
		proof, err := tlog.ProveRecord(tree.N, int64(n), hashes)
		must(err, "proving a record")
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), tlog.RecordHash(record)), "record")
	}
	fmt.Printf("records proved: %d\n", len(all))

	sizes := []int64{1, 2, 3, 100, 255, 256, 257, tree.N - 1, tree.N}
	checked := 0
	for _, size := range sizes {
		if size < 1 || size > tree.N {
			continue
		}
		older, err := tlog.TreeHash(size, hashes)
		must(err, "older root")
		proof, err := tlog.ProveTree(tree.N, size, hashes)
		must(err, "proving consistency")
		must(tlog.CheckTree(proof, tree.N, tree.Hash, size, older), "consistency")
		checked++
	}
	fmt.Printf("sizes consistent: %d\n", checked)

	text, err := os.ReadFile(*receipt)
	must(err, "receipt")
	checkReceipt(string(text), *key)
	fmt.Println("receipt good")
}

// checkReceipt reads a file of C2SP tlog-proof whose extra data is CBOR: a map whose first value is the record.
func checkReceipt(text, key string) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	if !found {
		must(fmt.Errorf("no empty line"), "receipt")
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		must(fmt.Errorf("%q", lines[0]), "receipt")
	}
	extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	must(err, "extra")
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	must(err, "index")
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		must(err, "hash")
		proof = append(proof, hash)
	}
	_, tree := open([]byte(checkpoint), key)
	must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(recordOf(extra))), "receipt")
}

// recordOf takes the byte string under key 0 out of a CBOR map (RFC 8949).
func recordOf(extra []byte) []byte {
	if len(extra) < 5 || extra[0]>>5 != 5 || extra[1] != 0 || extra[2]>>5 != 2 {
		must(fmt.Errorf("%x", extra), "extra data")
	}
	switch kind := extra[2] & 31; {
	case kind < 24:
		return extra[3 : 3+int(kind)]
	case kind == 24:
		return extra[4 : 4+int(extra[3])]
	default:
		return extra[5 : 5+int(binary.BigEndian.Uint16(extra[3:]))]
	}
}
