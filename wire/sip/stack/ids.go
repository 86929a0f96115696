package stack

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/sekisho/sekisho/wire/sip"
)

// Tags and branches are 's', the shard in two hex digits, and 96 random bits
// in hex. A response finds its shard by its branch, a request inside a dialog
// by its tag.
const (
	idMark   = 's'
	idRandom = 12
	idLen    = 1 + 2 + 2*idRandom
)

// randomness hands out bytes of crypto/rand, drawn in batches.
type randomness struct {
	buf  [randomBatch]byte
	left int
}

func (r *randomness) take(dst []byte) {
	if len(dst) > r.left {
		_, _ = rand.Read(r.buf[:]) // never fails (crypto/rand)
		r.left = len(r.buf)
	}
	src := r.buf[len(r.buf)-r.left:][:len(dst)]
	copy(dst, src)
	clear(src)
	r.left -= len(dst)
}

// appendID writes a fresh tag.
func (sh *Shard) appendID(dst []byte) []byte {
	raw := sh.newBranch()
	dst = append(dst, idMark)
	dst = hex.AppendEncode(dst, []byte{byte(sh.id)})
	return hex.AppendEncode(dst, raw[:])
}

func (sh *Shard) newTag() string {
	var room [idLen]byte
	return string(sh.appendID(room[:0]))
}

// branch is the random part of a branch of ours; the zero branch is none.
type branch [idRandom]byte

func (sh *Shard) newBranch() (b branch) {
	sh.random.take(b[:])
	return b
}

// appendBranch writes a branch as it stands in Via.
func (sh *Shard) appendBranch(dst []byte, b branch) []byte {
	dst = append(append(dst, sip.MagicCookie...), idMark)
	dst = hex.AppendEncode(dst, []byte{byte(sh.id)})
	return hex.AppendEncode(dst, b[:])
}

// branchOf reads the branch of a response; the zero branch where it is not
// one of this shard's.
func (sh *Shard) branchOf(m *sip.Message) (b branch) {
	text := m.TopVia().Branch
	if len(text) != len(sip.MagicCookie)+idLen {
		return branch{}
	}
	id := text[len(sip.MagicCookie):]
	n, ok := shardOfID(id, shardsMax)
	if !ok || n != sh.id || string(text[:len(sip.MagicCookie)]) != sip.MagicCookie {
		return branch{}
	}
	_, _ = hex.Decode(b[:], id[3:])
	return b
}

func (sh *Shard) newCallID() string {
	var raw [16]byte
	sh.random.take(raw[:])
	return hex.EncodeToString(raw[:])
}

func (sh *Shard) randomUint64() uint64 {
	var raw [8]byte
	sh.random.take(raw[:])
	var n uint64
	for _, b := range raw {
		n = n<<8 | uint64(b)
	}
	return n
}

// shardOfID returns the shard that a tag of ours names.
func shardOfID(id []byte, shards int) (int, bool) {
	if len(id) != idLen || id[0] != idMark {
		return 0, false
	}
	for _, c := range id[1:] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return 0, false
		}
	}
	var n [1]byte
	_, _ = hex.Decode(n[:], id[1:3])
	return int(n[0]), int(n[0]) < shards
}

// fnv is FNV-1a, for spreading work over shards: not a secret, and an
// attacker who fills one shard fills that one only.
func fnv(h uint64, b []byte) uint64 {
	for _, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

const fnvBasis = 14695981039346656037

// shardOf chooses the shard that owns a message: responses by our branch,
// requests inside a dialog by our tag, REGISTER by address of record, all
// else by Call-ID (an ACK or a CANCEL has its INVITE's).
func shardOf(m *sip.Message, shards int) int {
	if shards == 1 {
		return 0
	}
	if m.IsResponse() {
		if branch := m.TopVia().Branch; len(branch) > len(sip.MagicCookie) {
			if n, ok := shardOfID(branch[len(sip.MagicCookie):], shards); ok {
				return n
			}
		}
		return 0
	}
	to := m.To()
	if n, ok := shardOfID(to.Tag, shards); ok {
		return n
	}
	if m.Method() == sip.REGISTER {
		h := fnv(fnv(fnvBasis, to.URI.User), to.URI.Host)
		return int(h % uint64(shards))
	}
	return int(fnv(fnvBasis, m.CallID()) % uint64(shards))
}
