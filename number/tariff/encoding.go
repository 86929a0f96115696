package tariff

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// Encoding is how the letters of a file are written.
type Encoding string

// The encodings. Japanese spreadsheets write Shift_JIS, with Microsoft's
// letters.
const (
	UTF8     Encoding = "UTF-8"
	ShiftJIS Encoding = "Shift_JIS"
)

// Why a file is not read at all.
var (
	ErrFileSize = errors.New("a tariff file has at most 4 MiB")
	ErrEncoding = errors.New("neither UTF-8 nor Shift_JIS")
)

// byteOrderMark may stand in front of UTF-8: spreadsheets write it.
var byteOrderMark = []byte("\xef\xbb\xbf")

// decode gives the file as UTF-8 without a byte order mark. What is valid
// UTF-8 is that: Japanese text in Shift_JIS practically never is. No Shift_JIS
// begins with a byte order mark.
func decode(file []byte) ([]byte, Encoding, error) {
	if utf8.Valid(file) {
		return bytes.TrimPrefix(file, byteOrderMark), UTF8, nil
	}
	text, err := japanese.ShiftJIS.NewDecoder().Bytes(file)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, "", ErrEncoding
	}
	return text, ShiftJIS, nil
}
