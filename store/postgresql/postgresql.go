// Package postgresql is the room of PostgreSQL: one database or schema for one
// unit, which several processes may write, in turns. Use New.
//
// A transaction takes its turn by an advisory lock before it reads anything, at
// the level READ COMMITTED: it sees all that came before, and nothing comes
// between. So there is one log in one order, as with SQLite, and whoever dies in
// the middle leaves no turn behind: the server ends it with the session.
//
// A server that may lose what it says is written (fsync, full_page_writes or
// synchronous_commit off) is refused; each transaction asks anew, because those
// settings change while the server runs.
package postgresql

import (
	"context"
	"crypto/tls"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/sekisho/sekisho/store/engine"
	"github.com/sekisho/sekisho/text"
)

//go:embed *.sql
var schema embed.FS

// Name is the engine's in the configuration.
const Name = "postgresql"

// Engine is one database of a server.
type Engine struct {
	config *pgx.ConnConfig
	alone  bool
}

var (
	_ engine.Engine  = (*Engine)(nil)
	_ engine.Founder = (*Engine)(nil)
)

// New names a database: by a URL or by key=value pairs, which may hold a
// password, and are in no error. dial opens the connections. Where alone is set
// the first process that opens the database for writing has it for itself, as
// long as its connection lives: others get engine.ErrTaken.
func New(dsn string, dial func(ctx context.Context, network, address string) (net.Conn, error), alone bool,
) (*Engine, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil || dsn == "" {
		return nil, engine.ErrAddress
	}
	config.ConnectTimeout = connectMax
	config.DialFunc = dial
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	return &Engine{config: config, alone: alone}, nil
}

// Exposed tells that the way to the database leads over a network on which
// whoever answers need not prove to be the server: sslmode is not verify-full.
func (e *Engine) Exposed() bool {
	open := exposed(e.config.Host, e.config.TLSConfig)
	for _, f := range e.config.Fallbacks {
		open = open || exposed(f.Host, f.TLSConfig)
	}
	return open
}

func exposed(host string, c *tls.Config) bool {
	if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" {
		return false
	}
	if a, err := netip.ParseAddr(host); err == nil && a.IsLoopback() {
		return false
	}
	return c == nil || c.InsecureSkipVerify
}

// Open implements engine.Engine.
func (e *Engine) Open(ctx context.Context, reading bool) (*sql.DB, error) {
	greet, params := e.greet, sessionParams
	if reading {
		greet, params = encoded, readingParams
	}
	greeted := stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		if err := greet(ctx, conn); err != nil {
			return errors.Join(err, conn.Close(ctx)) // nobody else would
		}
		return nil
	})
	// Whether a connection still lives is asked before each read: who reads does
	// not try again.
	asked := stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return reading })
	db := stdlib.OpenDB(*e.with(params), greeted, asked)
	db.SetMaxOpenConns(1)
	if reading {
		db.SetMaxOpenConns(readersMax)
		db.SetMaxIdleConns(readersMax)
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(explained(err), db.Close())
	}
	return db, nil
}

func (e *Engine) with(params map[string]string) *pgx.ConnConfig {
	config := e.config.Copy()
	maps.Copy(config.RuntimeParams, params)
	return config
}

// sessionParams are those of a session that writes. What nobody hears of any
// more gives its turn back soon.
var sessionParams = map[string]string{
	"application_name": "sekisho", "lock_timeout": turnMax, "statement_timeout": endMax,
	"idle_in_transaction_session_timeout": endMax, "tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2",
	"tcp_keepalives_count": "3", "tcp_user_timeout": endMax,
}

// readingParams let every transaction see one moment.
var readingParams = map[string]string{
	"application_name": "sekisho", "default_transaction_read_only": "on",
	"default_transaction_isolation": "repeatable read",
}

// explained adds what an error of connecting means.
func explained(err error) error {
	var pe *pgconn.PgError
	switch {
	case !errors.As(err, &pe):
		if errors.Is(err, engine.ErrTaken) || errors.As(err, new(engine.Lossy)) {
			return err
		}
		return fmt.Errorf("%w: %w", engine.ErrDown, err)
	case pe.Code == codeNoDatabase:
		return fmt.Errorf("%w: %w", engine.ErrMissing, err)
	case strings.HasPrefix(pe.Code, classDenied), pe.Code == codeNoRight:
		return fmt.Errorf("%w: %w", engine.ErrDenied, err)
	}
	return fmt.Errorf("%w: %w", engine.ErrDown, err)
}

// Codes of PostgreSQL's errors, and their classes (appendix A of its manual).
const (
	codeNoDatabase = "3D000"
	codeNoRight    = "42501"
	codeLocked     = "55P03"
	codeUnknown    = "40003" // statement completion unknown
	classDenied    = "28"
)

// greet makes sure of what every promise of a store rests on, and takes the
// database for this process.
func (e *Engine) greet(ctx context.Context, conn *pgx.Conn) error {
	var fsync, pages, commit string
	if err := conn.QueryRow(ctx, "SELECT "+settings).Scan(&fsync, &pages, &commit); err != nil {
		return err
	}
	if err := durable(fsync, pages, commit); err != nil {
		return err
	}
	if err := encoded(ctx, conn); err != nil || !e.alone {
		return err
	}
	_, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1, `+scope+`)`, lockAlone)
	var pe *pgconn.PgError
	if errors.As(err, &pe) && pe.Code == codeLocked {
		return engine.ErrTaken
	}
	return err
}

// encoded refuses a database that can't hold every text.
func encoded(_ context.Context, conn *pgx.Conn) error {
	if got := conn.PgConn().ParameterStatus("server_encoding"); got != "UTF8" {
		return engine.Lossy{Setting: "server_encoding", Value: got}
	}
	return nil
}

const settings = "current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')"

// durable says which setting of a server may lose what it says is written.
func durable(fsync, pages, commit string) error {
	for _, s := range [][2]string{{"fsync", fsync}, {"full_page_writes", pages}, {"synchronous_commit", commit}} {
		if s[1] == "off" {
			return engine.Lossy{Setting: s[0], Value: s[1]}
		}
	}
	return nil
}

// About implements engine.Engine.
func (e *Engine) About() engine.About {
	return engine.About{
		Name: Name, Schema: schema, Dialect: "postgres",
		Tables: `SELECT count(*), coalesce(sum((tablename = ?)::int), 0) FROM pg_tables
			WHERE schemaname = current_schema()`,
		Describe: `SELECT current_setting('server_version'), format('fsync = %s, full_page_writes = %s,
			synchronous_commit = %s', ` + settings + `)`,
		Words:        words,
		StatementMax: statementMax,
	}
}

// words writes $1 for ?1, and numbers what has no number.
func words(statement string) string {
	if !strings.Contains(statement, "?") {
		return statement
	}
	out := make([]byte, 0, len(statement)+extraMax)
	n := 0
	for i := range len(statement) {
		if statement[i] != '?' {
			out = append(out, statement[i])
			continue
		}
		out = append(out, '$')
		if i+1 == len(statement) || statement[i+1] < '0' || statement[i+1] > '9' {
			n++
			out = strconv.AppendInt(out, int64(n), 10)
		}
	}
	return string(out)
}

// Found implements engine.Founder.
func (e *Engine) Found(ctx context.Context, migrate func() error) (err error) {
	conn, err := pgx.ConnectConfig(ctx, e.with(sessionParams))
	if err != nil {
		return explained(err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }() // and with it goes the lock
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1, `+scope+`)`, lockFound); err != nil {
		return explained(err)
	}
	return migrate()
}

// The advisory locks of a store, by what they are for and by its schema.
const (
	lockTurn  = 5_060_110 // who writes
	lockAlone = 5_060_118 // who has the database for itself
	lockFound = 5_060_119 // who founds or migrates it
	scope     = "hashtext(coalesce(current_schema()::text, ''))"
)

// begin is one message to the server and, at this level, a fresh look for each
// of its statements: the last one sees what was committed before our turn came.
var begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock(" +
	strconv.Itoa(lockTurn) + ", " + scope + "); SELECT coalesce(max(seq) + 1, 0), " + settings + " FROM leaf"

// Begin implements engine.Engine.
func (e *Engine) Begin(ctx context.Context, conn *sql.Conn) (leaves int64, err error) {
	answer, err := ask(ctx, conn, begin)
	if err != nil {
		return 0, err
	}
	const columns = 4
	rows := answer[len(answer)-1].Rows
	if len(rows) != 1 || len(rows[0]) != columns {
		return 0, fmt.Errorf("begin: an answer of %d rows", len(rows))
	}
	row := rows[0]
	if err := durable(string(row[1]), string(row[2]), string(row[3])); err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(row[0]), 10, 64)
}

// Commit implements engine.Engine. The server answers the commit of a
// transaction that failed with a rollback, which is no error to it.
func (e *Engine) Commit(ctx context.Context, conn *sql.Conn) error {
	answer, err := ask(ctx, conn, "COMMIT")
	if err != nil {
		return err
	}
	if tag := answer[0].CommandTag.String(); tag != "COMMIT" {
		return fmt.Errorf("commit: the server answers %s", tag)
	}
	return nil
}

// ask sends statements in one message.
func ask(ctx context.Context, conn *sql.Conn, statements string) (answer []*pgconn.Result, err error) {
	err = conn.Raw(func(raw any) error {
		c, ok := raw.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("driver of type %T: %w", raw, errors.ErrUnsupported)
		}
		answer, err = c.Conn().PgConn().Exec(ctx, statements).ReadAll()
		return err
	})
	if err == nil && len(answer) == 0 {
		err = errors.New("the server answers nothing")
	}
	return answer, err
}

// Blame implements engine.Engine.
func (e *Engine) Blame(err error) engine.Blame {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code == codeNoRight || pe.Code == codeUnknown {
		return engine.Connection
	}
	switch pe.Code[:2] {
	case "21", "22", "23", "42", "54": // values, constraints, syntax, limits
		return engine.Entry
	case "40": // serialization, deadlock
		return engine.Race
	}
	return engine.Connection
}

// Damage tells whether an error comes of tables that are no sound store any
// more, and says how.
func Damage(err error) (why text.Message, damaged bool) {
	var pe *pgconn.PgError
	switch {
	case !errors.As(err, &pe) || pe.Code == codeNoRight:
		return text.Message{}, false
	case pe.Code == "XX001", pe.Code == "XX002": // data or an index that is corrupted
		return text.Of("evidence.damaged"), true
	case strings.HasPrefix(pe.Code, "42"): // our statements are right, so the tables are not
		return text.Of("evidence.tables"), true
	}
	return text.Message{}, false
}
