package tariff

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Why a file is no tariff; errors.Is tells them apart.
var (
	ErrNoHeader  = errors.New("the first line does not name the columns")
	ErrColumn    = errors.New("no column of a tariff has that name")
	ErrRepeated  = errors.New("the column stands there twice")
	ErrLacking   = errors.New("the column is missing")
	ErrEmpty     = errors.New("the cell is empty")
	ErrCells     = errors.New("the row has not as many cells as the header")
	ErrQuotes    = errors.New("quotation marks that don't match")
	ErrFileEmpty = errors.New("the file has no prices")
)

// Fault is one thing that is wrong in a file, and where.
type Fault struct {
	Line   int    // of the file, from 1; 0 for the file as a whole
	Column string // the column's name, "" for the row as a whole
	Cell   string // what stands there, shortened
	Err    error  // errors.Is tells which it is
}

// Faults is what is wrong in a file, in its order, FaultsMax at most.
type Faults []Fault

func (f Faults) Error() string {
	at := f[0]
	return fmt.Sprintf("%d faults, the first in line %d, column %q, %q: %v",
		len(f), at.Line, at.Column, at.Cell, at.Err)
}

// Unwrap gives the errors of all faults.
func (f Faults) Unwrap() []error {
	all := make([]error, len(f))
	for i := range f {
		all[i] = f[i].Err
	}
	return all
}

// Read reads a table from a CSV file (RFC 4180) whose first line names the
// columns, in any order: prefix, yen and unit_seconds, and of name_ja, name_en,
// connect_yen, minimum_yen, valid_from and source any, or their Japanese names.
// Letters are UTF-8 or Shift_JIS. One wrong cell and there is no table: the
// error is then of type Faults.
func Read(file []byte) (*Table, Encoding, error) {
	if len(file) > FileMax {
		return nil, "", Faults{{Err: ErrFileSize}}
	}
	text, encoding, err := decode(file)
	if err != nil {
		return nil, "", Faults{{Err: err}}
	}
	r := reader{csv: csv.NewReader(bytes.NewReader(text))}
	r.csv.FieldsPerRecord = -1 // told by us, with its line
	r.csv.ReuseRecord = true
	if r.header() {
		for len(r.faults) < FaultsMax && r.row() {
		}
		if len(r.faults) == 0 && len(r.rates) == 0 {
			r.fault(0, "", "", ErrFileEmpty)
		}
	}
	if len(r.faults) > 0 {
		return nil, encoding, r.faults[:min(len(r.faults), FaultsMax)]
	}
	t, err := NewTable(r.rates)
	if err != nil {
		fault := Fault{Err: err}
		if wrong, ok := errors.AsType[*RateError](err); ok {
			fault = Fault{
				Line: r.lines[wrong.Index], Column: "prefix", Cell: r.rates[wrong.Index].Prefix, Err: wrong.Err,
			}
		}
		return nil, encoding, Faults{fault}
	}
	return t, encoding, nil
}

// reader reads one file.
type reader struct {
	csv    *csv.Reader
	order  []int // of columns, as the header names them
	heads  []string
	rates  []Rate
	lines  []int // of rates
	faults Faults
}

func (r *reader) fault(line int, column, cell string, err error) {
	if letters := []rune(cell); len(letters) > cellShown {
		cell = string(letters[:cellShown]) + "…"
	}
	r.faults = append(r.faults, Fault{line, column, cell, err})
}

// next reads the cells of a row, nil at the end and after a fault of the
// quotation marks: what stands behind one can't be told.
func (r *reader) next() (cells []string, line int) {
	cells, err := r.csv.Read()
	if at, ok := errors.AsType[*csv.ParseError](err); ok {
		r.fault(at.StartLine, "", "", ErrQuotes)
		return nil, 0
	}
	if err != nil { // io.EOF: there is nothing else that reading memory gives
		return nil, 0
	}
	line, _ = r.csv.FieldPos(0)
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells, line
}

// header reads the names of the columns; false says that they are wrong.
func (r *reader) header() bool {
	cells, line := r.next()
	if cells == nil {
		if len(r.faults) == 0 {
			r.fault(1, "", "", ErrNoHeader)
		}
		return false
	}
	r.heads = slices.Clone(cells)
	for _, head := range r.heads {
		i, known := columnOf(head)
		switch {
		case !known:
			r.fault(line, head, head, ErrColumn)
		case slices.Contains(r.order, i):
			r.fault(line, head, head, ErrRepeated)
		}
		r.order = append(r.order, i)
	}
	for i, c := range columns {
		if c.needed && !slices.Contains(r.order, i) {
			r.fault(line, c.name, "", ErrLacking)
		}
	}
	return len(r.faults) == 0
}

// row reads one rate; false says that there are no more. Spreadsheets write
// rows without anything in them, which say nothing.
func (r *reader) row() bool {
	cells, line := r.next()
	switch {
	case cells == nil:
		return false
	case strings.Join(cells, "") == "":
		return true
	case len(cells) != len(r.order):
		r.fault(line, "", "", ErrCells)
		return true
	case len(r.rates) == RatesMax:
		r.fault(line, "", "", ErrTooMany)
		return false
	}
	var rate Rate
	for i, cell := range cells {
		c := &columns[r.order[i]]
		var err error
		switch {
		case cell != "":
			err = c.read(cell, &rate)
		case c.needed:
			err = ErrEmpty
		}
		if err != nil {
			at, _ := r.csv.FieldPos(i)
			r.fault(at, r.heads[i], cell, err)
		}
	}
	r.rates, r.lines = append(r.rates, rate), append(r.lines, line)
	return true
}

// CSV writes the table as Read reads it: what is equal is written equally.
func (t *Table) CSV() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.name
	}
	_ = w.Write(cells) // to memory
	for _, r := range t.Rates() {
		for j, c := range columns {
			cells[j] = c.write(&r)
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return b.Bytes()
}
