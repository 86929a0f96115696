package peer

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// writeNetstring writes "5:hello,", the framing of baresip's control connection.
func writeNetstring(w io.Writer, b []byte) error {
	_, err := fmt.Fprintf(w, "%d:%s,", len(b), b)
	return err
}

func readNetstring(r *bufio.Reader) ([]byte, error) {
	head, err := r.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(head, ":"))
	if err != nil || n < 0 || n > controlMessageMax {
		return nil, fmt.Errorf("netstring of length %q", head)
	}
	b := make([]byte, n+1)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	if b[n] != ',' {
		return nil, fmt.Errorf("netstring ends in %q", b[n])
	}
	return b[:n], nil
}
