package phonebook

import (
	"bytes"
	"encoding/xml"

	"github.com/sekisho/sekisho/number/book"
)

// families are the formats, by make.
var families = map[string]func(b *bytes.Buffer, title string, entries []book.Entry){
	"yealink":     directoryOf("YealinkIPPhoneDirectory"),
	"fanvil":      directoryOf("FanvilIPPhoneDirectory"),
	"cisco":       directoryOf("CiscoIPPhoneDirectory"),
	"grandstream": grandstream,
	"snom":        snom,
	"poly":        poly,
}

// element writes an element with text.
func element(b *bytes.Buffer, name, text string) {
	b.WriteString("<" + name + ">")
	_ = xml.EscapeText(b, []byte(text)) // a Buffer takes everything
	b.WriteString("</" + name + ">")
}

// directoryOf is the format that several makes share but for the name of its root.
func directoryOf(root string) func(*bytes.Buffer, string, []book.Entry) {
	return func(b *bytes.Buffer, title string, entries []book.Entry) {
		b.WriteString("<" + root + ">\n")
		element(b, "Title", title)
		b.WriteString("\n")
		for _, e := range entries {
			b.WriteString("<DirectoryEntry>")
			element(b, "Name", e.Name)
			element(b, "Telephone", e.Number)
			b.WriteString("</DirectoryEntry>\n")
		}
		b.WriteString("</" + root + ">\n")
	}
}

// grandstream has the phones dial with their first account, which its older ones call
// 1 and the newer ones by default.
func grandstream(b *bytes.Buffer, _ string, entries []book.Entry) {
	b.WriteString("<AddressBook>\n")
	for _, e := range entries {
		b.WriteString("<Contact>")
		element(b, "LastName", e.Name)
		b.WriteString(`<Phone type="Work">`)
		element(b, "phonenumber", e.Number)
		element(b, "accountindex", "1")
		b.WriteString("</Phone></Contact>\n")
	}
	b.WriteString("</AddressBook>\n")
}

// snom says that the book is whole, so that what is gone from it goes from the phone.
func snom(b *bytes.Buffer, _ string, entries []book.Entry) {
	b.WriteString(`<tbook e="2" version="2.0" complete="true">` + "\n")
	for _, e := range entries {
		b.WriteString("<contact>")
		element(b, "last_name", e.Name)
		b.WriteString(`<numbers><number no="`)
		_ = xml.EscapeText(b, []byte(e.Number))
		b.WriteString(`" type="business"/></numbers></contact>` + "\n")
	}
	b.WriteString("</tbook>\n")
}

// poly is its local directory.
func poly(b *bytes.Buffer, _ string, entries []book.Entry) {
	b.WriteString("<directory><item_list>\n")
	for _, e := range entries {
		b.WriteString("<item>")
		element(b, "ln", e.Name)
		element(b, "ct", e.Number)
		b.WriteString("</item>\n")
	}
	b.WriteString("</item_list></directory>\n")
}
