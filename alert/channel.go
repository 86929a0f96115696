package alert

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/sekisho/sekisho/alert/watch"
)

// Channel carries letters to people or to their machines. Send gives what the
// server answered, and an error that wraps a Failure where a channel knows more
// than that it went wrong. The answer and the error never hold a secret.
type Channel interface {
	Send(ctx context.Context, l Letter) (answer string, err error)
}

// Route is a channel under its name.
type Route struct {
	Name    string // as in the configuration; names are unique
	Type    string // "mail", "webhook", "syslog", "call"
	Target  string // where it leads, without secrets
	Channel Channel
	// Wants tells which alerts the channel carries; nil for all. Tests it always
	// carries.
	Wants func(k watch.Kind, n watch.Notice) bool
}

// wants tells whether the channel carries an alert.
func (r *Route) wants(a watch.Alert) bool { return r.Wants == nil || r.Wants(a.Kind, a.Notice) }

// Dial opens connections; plane's is one.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Failure is why a delivery failed.
type Failure struct {
	Word   string // stable: "status 500", "secret"
	Answer string // what the server said, "" where it said nothing
	Final  bool   // another try would fare no better
}

// Error says the failure for logs.
func (f *Failure) Error() string {
	if f.Answer == "" {
		return f.Word
	}
	return f.Word + ": " + f.Answer
}

// Clip bounds what a server said, and takes line ends out of it.
func Clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > answerMax {
		s = strings.ToValidUTF8(s[:answerMax], "") + "…"
	}
	return s
}

// ErrSecret says that a file does not hold a secret as it should.
var ErrSecret = errors.New("secret can't be used")

// Secret reads a secret from a file that only its owner may read. It is read
// for each delivery, so that a new one needs no restart. path "" gives "".
func Secret(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSecret, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%w: others than its owner may read %s", ErrSecret, path)
	}
	if info.Size() > SecretBytesMax {
		return "", fmt.Errorf("%w: %s is larger than %d bytes", ErrSecret, path, SecretBytesMax)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSecret, err)
	}
	secret := strings.TrimSpace(string(b))
	if secret == "" || strings.ContainsAny(secret, "\r\n") {
		return "", fmt.Errorf("%w: %s is not one line", ErrSecret, path)
	}
	return secret, nil
}

// Answer is what a server said as it refused, "" where it said nothing.
func Answer(err error) string {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Answer
	}
	return ""
}

// Word gives the stable word of an error, for the evidence.
func Word(err error) string {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Word
	}
	var unknown x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, ErrSecret), errors.Is(err, fs.ErrPermission):
		return "secret"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &unknown), errors.As(err, &hostname), errors.As(err, &invalid):
		return "certificate"
	case errors.As(err, &dns):
		return "name"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return "error"
}
