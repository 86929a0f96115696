package tariff

import "maps"

// Book is the tariffs of a unit: carriers charge differently. It never
// changes; a nil Book has Demo for every line.
type Book struct {
	others *Table
	lines  map[string]*Table
}

// NewBook makes a book of the tables that lines have of their own, by the
// line's ID, and the one for all others. A nil table knows no price.
func NewBook(others *Table, lines map[string]*Table) *Book {
	return &Book{others: others, lines: maps.Clone(lines)}
}

// For returns the table that calls on a line are billed by.
func (b *Book) For(line string) *Table {
	if b == nil {
		return Demo()
	}
	if t, own := b.lines[line]; own {
		return t
	}
	return b.others
}
