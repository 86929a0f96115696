package cli_test

import (
	"database/sql"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/text"
)

// tamperings change the data directory of a unit that somebody has worked
// with, each in one way. leaf finds the leaf that has to be named.
var tamperings = []struct {
	name, leaf string
	statements []string
	key        text.Key
	ja, en     string // what is said, LEAF and HASH filled in
}{
	{
		"leaf", `SELECT seq FROM leaf WHERE kind = 'call.judged'`,
		[]string{`UPDATE leaf SET leaf = replace(leaf, '"boot":1', '"boot":7') WHERE kind = 'call.judged'`},
		"evidence.leaf.hash",
		"記録 LEAF (記録そのもの)。記録とハッシュ表のハッシュが一致しません",
		"leaf LEAF (the log): it and its hash in the hash table disagree",
	},
	{
		"body", `SELECT seq FROM leaf WHERE kind = 'call.judged'`,
		[]string{`UPDATE leaf SET body = replace(body, '"refuse"', '"pass"') WHERE kind = 'call.judged'`},
		"evidence.leaf.body",
		"記録 LEAF (記録そのもの)。記録の本文が書き換えられています",
		"leaf LEAF (the log): its body is not the one that was written",
	},
	{
		"number dialed", `SELECT seq FROM leaf WHERE kind = 'call.judged'`,
		[]string{`UPDATE leaf SET private = replace(private, '0102327', '0102328') WHERE kind = 'call.judged'`},
		"evidence.leaf.field",
		"記録 LEAF (記録そのもの)。個人に関する項目「dialed」が書き換えられています",
		`leaf LEAF (the log): its personal field "dialed" is not the one that was written`,
	},
	{
		"hash", `SELECT seq FROM leaf WHERE kind = 'phone.added'`,
		[]string{`UPDATE leaf SET hashes = zeroblob(length(hashes)) WHERE kind = 'phone.added'`},
		"evidence.leaf.hash",
		"記録 LEAF (記録そのもの)。記録とハッシュ表のハッシュが一致しません",
		"leaf LEAF (the log): it and its hash in the hash table disagree",
	},
	{
		"leaf dropped", `SELECT seq FROM leaf WHERE kind = 'unit.claimed'`,
		[]string{`DELETE FROM leaf WHERE kind = 'unit.claimed'`},
		"evidence.leaf.missing",
		"記録 LEAF (記録そのもの)。記録がありません。次に残っているのは記録 NEXT です",
		"leaf LEAF (the log): it is missing; the next one stored is leaf NEXT",
	},
	{
		"last leaf dropped", `SELECT max(seq) FROM leaf`,
		[]string{`DELETE FROM leaf WHERE seq = (SELECT max(seq) FROM leaf)`},
		"evidence.leaf.signed-away",
		"記録 LEAF (記録そのもの)。記録がありません。NEXT 件まであったことが署名されています",
		"leaf LEAF (the log): it is missing; a checkpoint was signed at NEXT leaves",
	},
	{
		"checkpoint", `SELECT max(seq) + 1 FROM leaf`,
		[]string{`UPDATE checkpoint SET note = replace(note, 'unit/', 'unit/x')`},
		"evidence.checkpoint.forged",
		"記録 LEAF (チェックポイント)。この主装置の鍵による署名ではありません",
		"leaf LEAF (a checkpoint): it is not signed with the unit's key",
	},
	{
		"call on record", `SELECT leaf FROM call`,
		[]string{`UPDATE call SET verb = 'pass'`},
		"evidence.row",
		"記録 LEAF (今の状態)。通話 CALL: 項目「verb」が記録と一致しません",
		`leaf LEAF (the state): call CALL: column "verb" is not what the leaves say`,
	},
	{
		"call dropped", `SELECT leaf FROM call`,
		[]string{`DELETE FROM call`},
		"evidence.row",
		"記録 LEAF (今の状態)。通話 CALL: 記録にはありますが、消えています",
		"leaf LEAF (the state): call CALL: leaves tell of it, but it is missing",
	},
	{
		"phone invented", `SELECT leaf FROM phone WHERE device = '201-1'`,
		[]string{`INSERT INTO phone SELECT '299-1', '299', doc, secret, leaf FROM phone WHERE device = '201-1'`},
		"evidence.row",
		"記録 LEAF (今の状態)。電話機 299-1: どの記録にもありません",
		"leaf LEAF (the state): phone 299-1: no leaf tells of it",
	},
	{
		"secret", `SELECT leaf FROM phone WHERE device = '201-1'`,
		[]string{`UPDATE phone SET secret = x'00' WHERE device = '201-1'`},
		"evidence.row",
		"記録 LEAF (今の状態)。電話機 201-1: パスワードが設定したものではありません",
		"leaf LEAF (the state): phone 201-1: the secret is not the one that was set",
	},
	{
		"opening prolonged", `SELECT leaf FROM opening`,
		[]string{`UPDATE opening SET doc = json_set(doc, '$.area', 'SL')`},
		"evidence.row",
		"記録 LEAF (今の状態)。国際電話の許可 OPENING: 項目「doc」が記録と一致しません",
		`leaf LEAF (the state): opening OPENING: column "doc" is not what the leaves say`,
	},
	{
		"change of the policy reworded", `SELECT leaf FROM policy`,
		[]string{`UPDATE policy SET doc = json_set(doc, '$.reason', 'Suzuki')`},
		"evidence.row",
		"記録 LEAF (今の状態)。関所の設定の変更 POLICY: 項目「doc」が記録と一致しません",
		`leaf LEAF (the state): change of the policy POLICY: column "doc" is not what the leaves say`,
	},
	{
		"claim taken away", `SELECT leaf FROM claim`,
		[]string{`DELETE FROM claim`},
		"evidence.row",
		"記録 LEAF (今の状態)。持ち主の登録 1: 記録にはありますが、消えています",
		"leaf LEAF (the state): claim 1: leaves tell of it, but it is missing",
	},
}

// TestTamperedDataIsSaidInBothLanguages changes what a unit has left on the
// disk, and reads what verification says about it.
func TestTamperedDataIsSaidInBothLanguages(t *testing.T) {
	data := worked(t)
	if code, out := run(t, "--data", data, "evidence", "verify"); code != 0 || !strings.HasPrefix(out, "ok: ") {
		t.Fatalf("untouched: %d, %s", code, out)
	}
	for _, c := range tamperings {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(dir, os.DirFS(data)); err != nil {
				t.Fatal(err)
			}
			leaf, fill := tamper(t, filepath.Join(dir, evidence.StoreFile), c.leaf, c.statements)
			for l, want := range map[text.Lang]string{text.JA: c.ja, text.EN: c.en} {
				code, out := run(t, "--data", dir, "evidence", "verify", "--lang", l.String())
				if want = fill.Replace(want); code != control.ExitEvidence || !strings.Contains(out, want) {
					t.Errorf("%s: exit %d, %swant %s", l, code, out, want)
				}
			}
			code, out := run(t, "--data", dir, "evidence", "verify", "-o", "json", "--lang", "ja")
			var r evidence.Report
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatal(err)
			}
			if code != control.ExitEvidence || r.OK || r.BadIndex == nil || *r.BadIndex != leaf || r.Why.Key != c.key {
				t.Errorf("exit %d, %+v; want %s of leaf %d", code, r, c.key, leaf)
			}
		})
	}
}

// TestMissingFilesAreSaidInBothLanguages takes away what verification reads,
// or spoils it.
func TestMissingFilesAreSaidInBothLanguages(t *testing.T) {
	data := worked(t)
	whole, err := evidence.VerifyDir(t.Context(), data)
	if err != nil || !whole.OK {
		t.Fatal(whole, err)
	}
	last := strconv.FormatUint(whole.Leaves-1, 10)
	for _, c := range []struct{ file, content, ja, en string }{
		{
			evidence.StoreFile, "", "記録 0–LAST (記録そのもの)。データベースがありません",
			"leaf 0–LAST (the log): the database is missing",
		},
		{
			evidence.StoreFile, strings.Repeat("nothing ", 1000),
			"記録 0–LAST (記録そのもの)。データベースが壊れていて、ここから先を読めません",
			"leaf 0–LAST (the log): the database is damaged and can't be read from here on",
		},
		{evidence.KeyFile, "", "証跡に署名した鍵 evidence.key がありません", "evidence.key, is missing"},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		if err := os.CopyFS(dir, os.DirFS(data)); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, c.file)
		err := os.Remove(file)
		if c.content != "" {
			err = os.WriteFile(file, []byte(c.content), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		for l, want := range map[text.Lang]string{text.JA: c.ja, text.EN: c.en} {
			want = strings.ReplaceAll(want, "LAST", last)
			code, out := run(t, "--data", dir, "evidence", "verify", "--lang", l.String())
			if code != control.ExitEvidence || !strings.Contains(out, want) {
				t.Errorf("%s: exit %d, %swant %s", l, code, out, want)
			}
		}
	}
}

// worked runs a unit, works with it, ends it, and gives its data directory.
func worked(t *testing.T) (data string) {
	t.Helper()
	dir := t.TempDir()
	data = filepath.Join(dir, "data")
	t.Run("work", func(t *testing.T) {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(64 + os.Getpid()&127), 202, 1}), 5070)
		code := regexp.MustCompile(`claim (\S+)`).FindStringSubmatch(serve(t, text.EN, dir, data, at))
		if code == nil {
			t.Fatal("no claim code")
		}
		for _, typed := range []string{
			"claim " + code[1] + " --owner Sato", "phone add 201", "phone add 202",
			"gate open US --for 201 --reason Sato",
		} {
			if code, out := run(t, append([]string{"--data", data}, strings.Fields(typed)...)...); code != 0 {
				t.Fatalf("%s: %s", typed, out)
			}
		}
		dialAbroad(t, data, at)
	})
	return data
}

// tamper runs the statements on a store. It gives the leaf that has to be
// named, and what fills the words of what has to be said.
func tamper(t *testing.T, file, leaf string, statements []string) (at uint64, fill *strings.Replacer) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var call, opening, policy string
	for query, into := range map[string]any{
		leaf: &at, `SELECT id FROM call`: &call, `SELECT id FROM opening`: &opening, `SELECT id FROM policy`: &policy,
	} {
		if err := db.QueryRowContext(t.Context(), query).Scan(into); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	for _, s := range statements {
		r, err := db.ExecContext(t.Context(), s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if n, err := r.RowsAffected(); n == 0 || err != nil {
			t.Fatalf("%s: changed nothing (%v)", s, err)
		}
	}
	return at, strings.NewReplacer("LEAF", strconv.FormatUint(at, 10), "NEXT", strconv.FormatUint(at+1, 10),
		"CALL", call, "OPENING", opening, "POLICY", policy)
}

// TestAnotherStoreIsRefused serves on databases that are none of this version's.
func TestAnotherStoreIsRefused(t *testing.T) {
	config := filepath.Join(t.TempDir(), "unit.toml")
	settings := "[voice]\nline_addr = \"127.0.0.1:0\"\n[management]\nlisten = [\"127.0.0.1:0\"]\n" +
		"[[voice.listen]]\nname = \"phones\"\ntransport = \"udp\"\naddr = \"127.0.0.1:0\"\n"
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ statements, ja, en string }{
		"another program's": {
			`CREATE TABLE note (id INTEGER PRIMARY KEY)`,
			"この版の Sekisho が知っているものではありません", "is none that this version of Sekisho knows",
		},
		"newer": {
			`CREATE TABLE goose_db_version (version_id INTEGER); INSERT INTO goose_db_version VALUES (1000000)`,
			"この版より新しい Sekisho のものです", "was written by a newer version of Sekisho",
		},
	} {
		data := filepath.Join(t.TempDir(), "data")
		if err := os.Mkdir(data, 0o700); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", filepath.Join(data, evidence.StoreFile))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), c.statements); err != nil {
			t.Fatal(err)
		}
		_ = db.Close()
		for l, want := range map[text.Lang]string{text.JA: c.ja, text.EN: c.en} {
			code, out := run(t, "--data", data, "serve", "--config", config, "--lang", l.String())
			if code != control.ExitConflict || !strings.Contains(out, want) || !strings.Contains(out, data) {
				t.Errorf("%s in %s: exit %d, %swant %s", name, l, code, out, want)
			}
		}
	}
}
