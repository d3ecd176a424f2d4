// Checks the log of blocks of a node with Go's own packages for transparency logs, which nobody here wrote: the signatures of its
// checkpoint and of its witnesses (golang.org/x/mod/sumdb/note), that blocks are in the tree, and that the tree grew out of an earlier one
// (golang.org/x/mod/sumdb/tlog). Every tile is held against the root that was signed before a hash of it is used.
//
//	log_check -log http://127.0.0.1:26604/log -vkey VKEY [-witness VKEY]... [-quorum N] [-from SIZE:ROOT] [HEIGHT:HASH]...
//
// VKEY is a verifier key as C2SP writes it, ROOT a hash in base64, HASH that of a block in hex. What was checked is printed as JSON. It runs
// without modules, on Debian's golang-golang-x-mod-dev: GO111MODULE=off GOPATH=/usr/share/gocode go run tests/tools/log_check/main.go.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// Tiles have 256 hashes, by C2SP tlog-tiles.
	tileHeight = 8
	// The key type of cosignature/v1, by C2SP signed-note.
	algCosignature = 4
	// No answer is longer: a full bundle of entries has 256 of 42 bytes each, a note 16 KiB.
	mostBytes = 64 << 10
)

// A witness verifies cosignature/v1, which note.NewVerifier does not know: a time, and a signature over that and the checkpoint.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(w.key, append([]byte(head), text...), signature[8:])
}

func newWitness(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("%q is no verifier key", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != algCosignature {
		return nil, fmt.Errorf("%q is no key of a witness", vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:4])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, fmt.Errorf("%q has another key id than %08x", vkey, hash)
	}
	return &witness{name: parts[0], hash: hash, key: key[1:]}, nil
}

// A log is read over HTTP.
type httpLog struct {
	url    string
	client http.Client
}

func (l *httpLog) get(path string) ([]byte, error) {
	answer, err := l.client.Get(l.url + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostBytes+1))
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK || len(body) > mostBytes {
		return nil, fmt.Errorf("%s: %s, %d bytes", path, answer.Status, len(body))
	}
	return body, nil
}

// The path of a tile by C2SP, which does not name the height that Go's does.
func tilePath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tile.H))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

func (l *httpLog) Height() int { return tileHeight }

func (l *httpLog) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		data, err := l.get(tilePath(tile))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

func (l *httpLog) SaveTiles([]tlog.Tile, [][]byte) {}

// The entry of a leaf: 40 bytes, of a bundle in which each has its length before it.
func (l *httpLog) entry(index, size int64) ([]byte, error) {
	bundle := index >> tileHeight
	width := size - bundle<<tileHeight
	if width > 1<<tileHeight {
		width = 1 << tileHeight
	}
	data, err := l.get(tilePath(tlog.Tile{H: tileHeight, L: -1, N: bundle, W: int(width)}))
	if err != nil {
		return nil, err
	}
	var found []byte
	for at := bundle << tileHeight; at < bundle<<tileHeight+width; at++ {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("bundle %d ends at entry %d", bundle, at)
		}
		length := int(binary.BigEndian.Uint16(data))
		if at == index {
			found = data[2 : 2+length]
		}
		data = data[2+length:]
	}
	if len(data) != 0 {
		return nil, fmt.Errorf("bundle %d goes on for %d bytes", bundle, len(data))
	}
	return found, nil
}

// A checkpoint: its origin, and the tree.
func parseCheckpoint(text string) (string, tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return "", tlog.Tree{}, fmt.Errorf("a checkpoint has three lines, not %q", text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] || size < 1 {
		return "", tlog.Tree{}, fmt.Errorf("%q is no size", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	return lines[0], tlog.Tree{N: size, Hash: root}, err
}

type many []string

func (m *many) String() string         { return strings.Join(*m, " ") }
func (m *many) Set(value string) error { *m = append(*m, value); return nil }

// What was checked.
type checked struct {
	Origin    string   `json:"origin"`
	Size      int64    `json:"size"`
	Root      string   `json:"root"`
	Cosigners []string `json:"cosigners"`
	Included  []int64  `json:"included"`
	From      int64    `json:"from"`
}

func check(log *httpLog, vkey string, witnesses []string, quorum int, from string, leaves []string) (*checked, error) {
	own, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("-vkey: %w", err)
	}
	known := []note.Verifier{own}
	for _, each := range witnesses {
		verifier, err := newWitness(each)
		if err != nil {
			return nil, err
		}
		known = append(known, verifier)
	}
	body, err := log.get("checkpoint")
	if err != nil {
		return nil, err
	}
	// A wrong signature of anybody known is refused by Open.
	opened, err := note.Open(body, note.VerifierList(known...))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	origin, tree, err := parseCheckpoint(opened.Text)
	if err != nil {
		return nil, err
	}
	if origin != own.Name() {
		return nil, fmt.Errorf("the checkpoint is of %q, and the key of %q", origin, own.Name())
	}
	done := &checked{Origin: origin, Size: tree.N, Root: tree.Hash.String(), Cosigners: []string{}, Included: []int64{}}
	isSigned := false
	for _, signature := range opened.Sigs {
		if signature.Name == own.Name() && signature.Hash == own.KeyHash() {
			isSigned = true
		} else {
			done.Cosigners = append(done.Cosigners, signature.Name)
		}
	}
	if !isSigned || len(done.Cosigners) < quorum {
		return nil, fmt.Errorf("signed by the log: %t, cosigned by %d of %d: %q", isSigned, len(done.Cosigners), quorum, body)
	}
	hashes := tlog.TileHashReader(tree, log)
	for _, leaf := range leaves {
		height, err := included(log, tree, hashes, leaf)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", leaf, err)
		}
		done.Included = append(done.Included, height)
	}
	if from != "" {
		if done.From, err = grew(tree, hashes, from); err != nil {
			return nil, fmt.Errorf("-from %s: %w", from, err)
		}
	}
	return done, nil
}

// A block is the leaf of its height: the entry is that, and a proof leads from it to the root that was signed.
func included(log *httpLog, tree tlog.Tree, hashes tlog.HashReader, leaf string) (int64, error) {
	before, after, _ := strings.Cut(leaf, ":")
	height, err := strconv.ParseInt(before, 10, 64)
	hash, wrong := hex.DecodeString(after)
	if err != nil || wrong != nil || len(hash) != 32 {
		return 0, errors.New("not HEIGHT:HASH")
	}
	record := append(binary.BigEndian.AppendUint64(nil, uint64(height)), hash...)
	proof, err := tlog.ProveRecord(tree.N, height, hashes)
	if err != nil {
		return 0, err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, height, tlog.RecordHash(record)); err != nil {
		return 0, err
	}
	entry, err := log.entry(height, tree.N)
	if err != nil {
		return 0, err
	}
	if string(entry) != string(record) {
		return 0, fmt.Errorf("its entry is %x", entry)
	}
	return height, nil
}

// The tree grew out of an earlier one: nothing in it was changed.
func grew(tree tlog.Tree, hashes tlog.HashReader, from string) (int64, error) {
	before, after, _ := strings.Cut(from, ":")
	size, err := strconv.ParseInt(before, 10, 64)
	if err != nil {
		return 0, errors.New("not SIZE:ROOT")
	}
	root, err := tlog.ParseHash(after)
	if err != nil {
		return 0, err
	}
	proof, err := tlog.ProveTree(tree.N, size, hashes)
	if err != nil {
		return 0, err
	}
	return size, tlog.CheckTree(proof, tree.N, tree.Hash, size, root)
}

func main() {
	var witnesses many
	url := flag.String("log", "", "where the log is")
	vkey := flag.String("vkey", "", "the verifier key of the log")
	flag.Var(&witnesses, "witness", "the verifier key of a witness")
	quorum := flag.Int("quorum", 0, "how many witnesses have to have cosigned")
	from := flag.String("from", "", "an earlier tree, SIZE:ROOT")
	flag.Parse()
	log := &httpLog{url: strings.TrimSuffix(*url, "/"), client: http.Client{Timeout: 20 * time.Second}}
	done, err := check(log, *vkey, witnesses, *quorum, *from, flag.Args())
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(done)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "log_check:", err)
		os.Exit(1)
	}
}
