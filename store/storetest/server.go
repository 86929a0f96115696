package storetest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Server is a PostgreSQL server of a test's own: on a Unix socket in a temporary
// folder, run by a user without rights, with fsync on. It sorts as Japanese
// people do, not byte by byte, so that who relies on an order is found out.
type Server struct {
	bin, dir string
	owner    *syscall.Credential // nil for who runs the test
	made     atomic.Int64        // schemas
	options  []string
	end      chan struct{} // closed when the process has ended; nil before the first start
	process  *os.Process
}

// Owner is the user of every test server, and Password how it signs in.
const (
	Owner    = "sekisho"
	Password = "correct horse"
)

// NewServer founds and starts a server, and stops it with the test. Where there
// is no PostgreSQL the test is skipped, but in CI it fails. options are
// settings of the server, "name=value".
func NewServer(t testing.TB, options ...string) *Server {
	t.Helper()
	s := &Server{options: options}
	if s.bin = binaries(); s.bin == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("PostgreSQL is missing: ./test install")
		}
		t.Skip("PostgreSQL is missing: ./test install")
	}
	dir, err := os.MkdirTemp("", "sekisho-pg-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	s.dir = dir
	t.Cleanup(func() {
		s.Stop(t)
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := s.own(); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(dir, "secret")
	if err := errors.Join(os.WriteFile(secret, []byte(Password), 0o600), s.give(secret)); err != nil {
		t.Fatal(err)
	}
	s.run(t, "initdb", "-D", s.Data(), "-U", Owner, "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8",
		"--no-sync", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=ja")
	s.Start(t)
	return s
}

// binaries is the folder of PostgreSQL's programs, which Debian does not put
// into the path.
func binaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

// own finds the user that runs the server: root must not.
func (s *Server) own() error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, errU := strconv.ParseUint(u.Uid, 10, 32)
	gid, errG := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(errU, errG); err != nil {
		return err
	}
	s.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return s.give(s.dir)
}

func (s *Server) give(path string) error {
	if s.owner == nil {
		return nil
	}
	return os.Chown(path, int(s.owner.Uid), int(s.owner.Gid))
}

// Dir is the folder of the socket.
func (s *Server) Dir() string { return s.dir }

// Data is the folder of the server's data.
func (s *Server) Data() string { return filepath.Join(s.dir, "data") }

// DSN is the address of a database, with the password.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("host=%s user=%s password='%s' dbname=%s", s.dir, Owner, Password, database)
}

// Main is the database that every server has.
const Main = "postgres"

// Fresh makes a place without tables, a schema of its own, which takes less time
// than a database, and gives its address.
func (s *Server) Fresh(t testing.TB) (dsn string) {
	t.Helper()
	name := fmt.Sprint("u", s.made.Add(1))
	s.SQL(t, s.DSN(Main), "CREATE SCHEMA "+name)
	return s.DSN(Main) + " options='-c search_path=" + name + "'"
}

// SQL has the owner run statements.
func (s *Server) SQL(t testing.TB, dsn, statements string) string {
	t.Helper()
	return s.run(t, "psql", "-d", dsn, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statements)
}

func (s *Server) command(program string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, program), args...)
	c.Env = []string{"LC_ALL=C", "PGPASSWORD=" + Password, "PATH=" + os.Getenv("PATH"), "TZ=UTC"}
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner, Pdeathsig: syscall.SIGINT}
	return c
}

func (s *Server) run(t testing.TB, program string, args ...string) string {
	t.Helper()
	runtime.LockOSThread() // the signal comes when the thread ends that started the program
	defer runtime.UnlockOSThread()
	out, err := s.command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return strings.TrimSpace(string(out))
}

// Start starts the server, and returns when it takes connections.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	args := []string{
		"-D", s.Data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "shared_buffers=16MB",
		"-c", "max_connections=60", "-c", "logging_collector=off", "-c", "log_destination=stderr",
	}
	for _, o := range s.options {
		args = append(args, "-c", o)
	}
	started := make(chan error, 1)
	end := make(chan struct{})
	s.end = end
	go func() { // owned by the test: it ends with the server
		defer close(end)
		runtime.LockOSThread()
		c := s.command("postgres", args...)
		log, err := c.StderrPipe()
		if err == nil {
			err = c.Start()
		}
		if err != nil {
			started <- err
			return
		}
		s.process = c.Process
		started <- ready(log)
		_, _ = io.Copy(io.Discard, log)
		_ = c.Wait()
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
}

// ready reads the server's log until it says that it takes connections.
func ready(log io.Reader) error {
	var said strings.Builder
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "database system is ready to accept connections") {
			return nil
		}
		said.WriteString(lines.Text() + "\n")
	}
	return fmt.Errorf("the server did not start:\n%s", said.String())
}

// Stop ends all connections and the server; once it is stopped, nothing.
func (s *Server) Stop(t testing.TB) { t.Helper(); s.signal(t, syscall.SIGINT) }

// Crash ends the server as a crash would: what it had not written is lost.
func (s *Server) Crash(t testing.TB) { t.Helper(); s.signal(t, syscall.SIGQUIT) }

func (s *Server) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if s.process == nil {
		return
	}
	if err := s.process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-s.end
	s.process = nil
}

// Reload has the server read its settings again, and returns when new sessions
// see the value of one.
func (s *Server) Reload(t testing.TB, setting, value string) {
	t.Helper()
	s.SQL(t, s.DSN(Main), "SELECT pg_reload_conf()")
	for deadline := time.Now().Add(recovery); s.SQL(t, s.DSN(Main), "SHOW "+setting) != value; {
		if time.Now().After(deadline) {
			t.Fatalf("%s is not %s", setting, value)
		}
	}
}

// SmallDisk is a folder of the server's own on a disk of so many bytes. It takes
// root.
func (s *Server) SmallDisk(t testing.TB, bytes int) (dir string) {
	t.Helper()
	dir = filepath.Join(s.dir, "small")
	err := os.Mkdir(dir, 0o700)
	if err == nil && s.owner == nil {
		err = syscall.EPERM
	}
	if err == nil {
		err = syscall.Mount("tmpfs", dir, "tmpfs", 0,
			fmt.Sprintf("size=%d,mode=0700,uid=%d,gid=%d", bytes, s.owner.Uid, s.owner.Gid))
	}
	switch {
	case err == nil:
		t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	case os.Getenv("CI") != "":
		t.Fatalf("no small disk can be mounted: %v", err)
	default:
		t.Skipf("no small disk can be mounted: %v", err)
	}
	return dir
}
