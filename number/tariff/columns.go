package tariff

import (
	"errors"
	"strings"
	"time"
)

// column is one column of a file: its name, its name in Japanese, and how a
// cell is read into a rate and written from it.
type column struct {
	name     string
	japanese string
	needed   bool // in the header, and in each row
	read     func(cell string, r *Rate) error
	write    func(r *Rate) string
}

// columns are all there are, in the order in which a table is written.
var columns = []column{
	{
		"prefix", "番号", true,
		func(cell string, r *Rate) error { r.Prefix = cell; _, err := readPrefix(cell); return err },
		func(r *Rate) string { return r.Prefix },
	},
	words("name_ja", "名称", NameMax, func(r *Rate) *string { return &r.NameJA }),
	words("name_en", "英語名称", NameMax, func(r *Rate) *string { return &r.NameEN }),
	amount("yen", "料金", true, func(r *Rate) *Money { return &r.PerUnit }),
	{
		"unit_seconds", "課金単位秒", true, readUnit,
		func(r *Rate) string { return Seconds(r.Unit) },
	},
	amount("connect_yen", "接続料", false, func(r *Rate) *Money { return &r.Connect }),
	amount("minimum_yen", "最低料金", false, func(r *Rate) *Money { return &r.Minimum }),
	{
		"valid_from", "適用開始", false, readFrom,
		func(r *Rate) string { return writeFrom(r.From) },
	},
	words("source", "出典", SourceMax, func(r *Rate) *string { return &r.Source }),
}

func words(name, japanese string, limit int, of func(*Rate) *string) column {
	return column{
		name, japanese, false,
		func(cell string, r *Rate) error {
			*of(r) = cell
			if !isLine(cell, limit) {
				return ErrText
			}
			return nil
		},
		func(r *Rate) string { return *of(r) },
	}
}

func amount(name, japanese string, needed bool, of func(*Rate) *Money) column {
	return column{
		name, japanese, needed,
		func(cell string, r *Rate) error {
			m, err := ParseMoney(cell)
			*of(r) = m
			if err != nil {
				return err
			}
			return checkPrice(m)
		},
		func(r *Rate) string { return of(r).Decimal() },
	}
}

// Seconds writes a unit as files have it: "60", "22.5".
func Seconds(unit time.Duration) string { return thousandths(unit.Milliseconds()) }

// readUnit reads seconds, with up to three decimals.
func readUnit(cell string, r *Rate) error {
	ms, ok := parseThousandths("", cell)
	if !ok || ms > UnitMax.Milliseconds() {
		return ErrUnit
	}
	r.Unit = time.Duration(ms) * time.Millisecond
	return checkUnit(r.Unit)
}

// tokyo is the zone of carriers' price lists.
var tokyo = time.FixedZone("JST", 9*60*60)

// ErrDate is why a time is not understood.
var ErrDate = errors.New("not a day or time, such as 2026-12-01 or 2026-12-01 09:00")

// dayLayout is a day as people in Japan sort them, and clockLayout adds a
// time. Spreadsheets write days with slashes.
const (
	dayLayout   = "2006-01-02"
	clockLayout = "2006-01-02 15:04"
)

// readFrom reads a day, which begins at midnight in Japan, or a time there.
func readFrom(cell string, r *Rate) error {
	for _, layout := range []string{dayLayout, clockLayout, "2006/1/2", "2006/1/2 15:04", time.RFC3339} {
		if at, err := time.ParseInLocation(layout, cell, tokyo); err == nil {
			r.From = at.UTC()
			return checkFrom(r.From)
		}
	}
	return ErrDate
}

func writeFrom(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	at = at.In(tokyo)
	for _, layout := range []string{dayLayout, clockLayout} {
		written := at.Format(layout)
		if back, _ := time.ParseInLocation(layout, written, tokyo); back.Equal(at) {
			return written
		}
	}
	return at.Format(time.RFC3339Nano)
}

// columnOf finds a column by either name; -1 is none.
func columnOf(head string) (int, bool) {
	for i := range columns {
		if strings.EqualFold(columns[i].name, head) || columns[i].japanese == head {
			return i, true
		}
	}
	return -1, false
}
