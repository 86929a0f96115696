package stack

// buffers are message buffers of one shard that wait for their next use.
type buffers struct{ free [][]byte }

// take gives an empty buffer with room for n bytes.
func (b *buffers) take(n int) []byte {
	k := len(b.free)
	if k == 0 || n > keptBufferSize {
		return make([]byte, 0, max(n, keptBufferSize))
	}
	buf := b.free[k-1]
	b.free[k-1] = nil
	b.free = b.free[:k-1]
	return buf
}

// keep gives a copy of a message in a buffer of the shard's.
func (sh *Shard) keep(msg []byte) []byte { return append(sh.buffers.take(len(msg)), msg...) }

// release takes a buffer back; nil is none.
func (sh *Shard) release(buf []byte) {
	sh.poison(buf[:cap(buf)])
	if cap(buf) == keptBufferSize && len(sh.buffers.free) < keptBuffersMax {
		sh.buffers.free = append(sh.buffers.free, buf[:0])
	}
}
