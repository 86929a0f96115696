package control

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
)

// kinds are the errors that people meet, each with the sentence that says it.
var kinds = []struct {
	err error
	key text.Key
}{
	{store.ErrServer, "system.server"}, // whatever the reason
	{syscall.EADDRINUSE, "system.address-in-use"},
	{syscall.EADDRNOTAVAIL, "system.no-such-address"},
	{syscall.ECONNREFUSED, "system.refused"},
	{syscall.ENOSPC, "system.disk-full"},
	{syscall.EDQUOT, "system.disk-full"},
	{syscall.EROFS, "system.read-only"},
	{syscall.EISDIR, "system.is-folder"},
	{syscall.ENOTDIR, "system.no-folder"},
	{syscall.ENAMETOOLONG, "system.name-too-long"},
	{syscall.EIO, "system.disk-broken"},
	{fs.ErrPermission, "system.not-permitted"}, // EACCES and EPERM
	{fs.ErrNotExist, "system.not-there"},
	{context.DeadlineExceeded, "system.too-late"},
	{number.ErrUndeclared, "line.fault.undeclared"},
	{number.ErrPresentation, "line.fault.presentation"},
	{number.ErrAlphabet, "line.fault.unsent"},
	{number.ErrUnfaithful, "line.fault.unsent"},
	{number.ErrUnread, "line.fault.unsent"},
	{tariff.ErrPrefix, "tariff.fault.prefix"},
	{tariff.ErrJapan, "tariff.fault.japan"},
	{tariff.ErrMoney, "tariff.fault.money"},
	{tariff.ErrPrice, "tariff.fault.price"},
	{tariff.ErrUnit, "tariff.fault.unit"},
	{tariff.ErrDate, "tariff.fault.date"},
	{tariff.ErrFrom, "tariff.fault.from"},
	{tariff.ErrText, "tariff.fault.text"},
	{tariff.ErrTwice, "tariff.fault.twice"},
	{tariff.ErrTooMany, "tariff.fault.many"},
	{tariff.ErrFileSize, "tariff.fault.size"},
	{tariff.ErrEncoding, "tariff.fault.encoding"},
	{tariff.ErrNoHeader, "tariff.fault.header"},
	{tariff.ErrColumn, "tariff.fault.column"},
	{tariff.ErrRepeated, "tariff.fault.repeated"},
	{tariff.ErrLacking, "tariff.fault.lacking"},
	{tariff.ErrEmpty, "tariff.fault.empty"},
	{tariff.ErrCells, "tariff.fault.cells"},
	{tariff.ErrQuotes, "tariff.fault.quotes"},
	{tariff.ErrFileEmpty, "tariff.fault.nothing"},
	{fact.ErrQueueFull, "system.too-busy"},
	{fact.ErrNotWritable, "system.not-writable"},
	{fact.ErrClosed, "system.closing"},
}

// Explain says an error to a person: by its Fault, by its kind, or, where it
// is one that nobody foresaw, in its own words as a quotation.
func Explain(err error) text.Message {
	if m, ok := text.MessageOf(err); ok {
		return m
	}
	for _, k := range kinds {
		if !errors.Is(err, k.err) {
			continue
		}
		said := text.Of(k.key)
		if l, ok := errors.AsType[*plane.ListenError](err); ok {
			return text.Of("system.at", l.Listener.Transport+" "+l.Listener.Addr.String(), said)
		}
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			return text.Of("system.at", p.Path, said)
		}
		return said
	}
	return text.Of("system.other", err.Error())
}
