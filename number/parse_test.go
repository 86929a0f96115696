package number

import (
	"strings"
	"testing"
)

// office is a context with everything declared.
func office(prefix string) *Context {
	return &Context{
		OutsidePrefix: prefix,
		Extension:     func(s string) bool { return s == "201" || s == "2001" },
		Feature:       func(s string) bool { return s == "*21" || s == "#21#" },
		Domain:        "office.example",
		Line: Line{
			AreaCode: "03", Carriers: []string{"0033", "001"}, Lift: true,
			Services: []string{"106"}, HashShort: []string{"1234"},
		},
	}
}

// read writes a destination in short: class, digits, then area, range,
// presentation and carrier where they say something.
func read(d Destination) string {
	if d.Class == NotUnderstood {
		return "? " + d.Why
	}
	s := d.Class.String() + " " + d.Digits
	if d.Class.Abroad() {
		s += " " + d.Area + " " + d.Range.String()
	}
	if d.Presentation != PresentationDefault {
		s += " " + d.Presentation.String()
	}
	if d.Carrier != "" {
		s += " via " + d.Carrier
	}
	return s
}

func TestParse(t *testing.T) {
	for dialed, want := range map[string]string{
		// Emergency first, exact, with an outside 0 and 184/186.
		"110": "emergency 110", "118": "emergency 118", "119": "emergency 119",
		"0110": "emergency 110", "184110": "emergency 110 withhold", "0186119": "emergency 119 show",
		"1100": "? short-number", "1101": "? short-number", "00110": "? carrier",
		"11": "? short-number", "1": "? short-number", "+110": "international 110 ZZ unallocated",
		"+81110": "? unassigned", "184184110": "? presentation", "112": "? short-number", "#110": "? symbol",
		"110#": "? symbol", "*110": "? symbol", "１１０": "? symbol", "1-1-0": "? symbol",
		// Internal.
		"201": "extension 201", "2001": "extension 2001", "202": "? length", "*21": "feature *21",
		"#21#": "feature #21#", "*22": "? symbol", "184201": "? length",
		// Short numbers.
		"104": "service 104", "117": "service 117", "188": "service 188", "184117": "service 117 withhold",
		"106": "service 106", "105": "? short-number", "1170": "? short-number",
		"142": "carrier-feature 142", "1420": "carrier-feature 1420", "147": "carrier-feature 147",
		"1421010232": "carrier-feature 1421010232", "135": "carrier-feature 135",
		"184": "? length", "186": "? length", "184184": "? presentation",
		"#7119": "hash-short 7119", "#8000": "hash-short 8000", "#9110": "hash-short 9110",
		"#1234": "hash-short 1234", "#0000": "? symbol", "#71190": "? symbol", "#": "? symbol",
		"184#7119": "? symbol",
		// Japan.
		"0312345678": "geographic 81312345678", "12345678": "? short-number", "23456789": "geographic 81323456789",
		"0988671111": "geographic 81988671111", "0184231234": "geographic 81184231234",
		"1840312345678": "geographic 81312345678 withhold", "1860312345678": "geographic 81312345678 show",
		"+81312345678": "geographic 81312345678", "+810312345678": "? home-country", "81312345678": "? length",
		"09012345678": "mobile 819012345678", "08012345678": "mobile 818012345678",
		"07012345678": "mobile 817012345678", "06012345678": "mobile 816012345678",
		"06002345678": "? unassigned", "09002345678": "? unassigned", "05012345678": "ip-phone 815012345678",
		"0120123456": "freephone 81120123456", "08001234567": "freephone 818001234567", "01201234567": "? length",
		"0570123456": "navi 81570123456", "0990123456": "premium 81990123456", "0180991234": "telegong 81180991234",
		"02012345678": "pager 812012345678", "02001234567890": "pager 812001234567890",
		"0170123456": "? unassigned", "0100123456": "? country", "031234567": "? length", "03123456789": "? length",
		"0": "? length", "03": "? length", "031": "? length",
		// Carrier selection.
		"0033010232761234": "international 232761234 SL unallocated via 0033",
		"00330312345678":   "geographic 81312345678 via 0033", "0010312345678": "geographic 81312345678 via 001",
		"1220033010441481256789": "international 441481256789 GG fixed via 0033",
		"0033":                   "carrier-select 0033", "0033110": "? carrier", "00330033010232": "? carrier",
		"00330120123456": "? carrier", "0061010232761234": "carrier-select 0061010232761234",
		"0077712345": "carrier-select 0077712345", "00232761234": "carrier-select 00232761234",
		"122": "carrier-select 122", "1220312345678": "carrier-select 1220312345678",
		"1220061010232761234": "carrier-select 1220061010232761234",
		"0000010232761234":    "carrier-select 0000010232761234",
		// Abroad.
		"01023276123456":    "international 23276123456 SL mobile",
		"+23276123456":      "international 23276123456 SL mobile",
		"18401023276123456": "international 23276123456 SL mobile withhold",
		"01023222123456":    "international 23222123456 SL unallocated",
		"01081312345678":    "? home-country", "010": "? length", "+": "? length", "0100": "? country",
		"+0":    "? country",
		"++232": "? symbol", "0+232": "? symbol", "+232+1": "? symbol", "+81010232": "? home-country",
		"+8110232": "? unassigned",
		"+81":      "? length", "+8118401": "? length", "0101234567890123456": "? length",
		"+1234567890123456": "? length",
		// Symbols.
		"*01023276123456": "? symbol", "#01023276123456": "? symbol", "0312345678*99": "? symbol",
		"%23010":       "? symbol",
		"03-1234-5678": "? symbol", "03 1234 5678": "? symbol", "０３１２３４５６７８": "? symbol",
		"٠٣١٢٣٤٥٦٧٨":   "? symbol",
		"0312345678p1": "? symbol", "0312345678,1": "? symbol", "0312345678\x00": "? symbol", "": "? empty",
		"O312345678": "? symbol", "\u200b0312345678": "? symbol", "0312345678;isub=1": "? symbol",
		strings.Repeat("1", MaxDialed+1): "? length",
	} {
		if got := read(Parse(dialed, office(""))); got != want {
			t.Errorf("Parse(%q) = %s, want %s", dialed, got, want)
		}
	}
}

func TestParseBehindPrefix(t *testing.T) {
	for _, c := range []struct{ prefix, dialed, want string }{
		{"0", "110", "emergency 110"},
		{"0", "0110", "emergency 110"},
		{"0", "0184118", "emergency 118 withhold"},
		{"0", "00312345678", "geographic 81312345678"},
		{"0", "023456789", "geographic 81323456789"},
		{"0", "0312345678", "? length"},
		{"0", "001023276123456", "international 23276123456 SL mobile"},
		{"0", "0+23276123456", "? symbol"},
		{"0", "+23276123456", "international 23276123456 SL mobile"},
		{"0", "+81312345678", "geographic 81312345678"},
		{"0", "01840312345678", "geographic 81312345678 withhold"},
		{"0", "0#7119", "hash-short 7119"},
		{"0", "#7119", "? outside-prefix"},
		{"0", "0117", "service 117"},
		{"0", "117", "? outside-prefix"},
		{"0", "201", "extension 201"},
		{"0", "0", "? length"},
		{"9", "9110", "emergency 110"},
		{"9", "0110", "emergency 110"},
		{"9", "9184119", "emergency 119 withhold"},
		{"9", "90110", "? unassigned"},
		{"9", "91100", "? short-number"},
		{"9", "0312345678", "? outside-prefix"},
		{"9", "90312345678", "geographic 81312345678"},
		{"9", "901023276123456", "international 23276123456 SL mobile"},
		{"81", "81110", "emergency 110"},
		{"81", "8101023276123456", "international 23276123456 SL mobile"},
	} {
		if got := read(Parse(c.dialed, office(c.prefix))); got != c.want {
			t.Errorf("prefix %q: Parse(%q) = %s, want %s", c.prefix, c.dialed, got, c.want)
		}
	}
}

// TestParseUndeclared is the line that declares nothing.
func TestParseUndeclared(t *testing.T) {
	for dialed, want := range map[string]string{
		"23456789": "? area-code", "0033010232761234": "carrier-select 0033010232761234", "106": "? short-number",
		"1220033010232": "carrier-select 1220033010232", "#1234": "? symbol", "#7119": "hash-short 7119",
		"201": "? area-code", "*21": "? symbol", "110": "emergency 110", "0312345678": "geographic 81312345678",
	} {
		if got := read(Parse(dialed, nil)); got != want {
			t.Errorf("Parse(%q, nil) = %s, want %s", dialed, got, want)
		}
	}
}

// TestLift: 122 wants to be declared, beside the carrier.
func TestLift(t *testing.T) {
	line := Line{Carriers: []string{"0033"}}
	for lift, want := range map[bool]string{
		false: "carrier-select 12200330312345678",
		true:  "geographic 81312345678 via 0033",
	} {
		line.Lift = lift
		if got := read(Parse("12200330312345678", &Context{Line: line})); got != want {
			t.Errorf("lift %v: %s, want %s", lift, got, want)
		}
	}
}

// TestLocal: a number without area code is one of the line's area.
func TestLocal(t *testing.T) {
	for _, c := range []struct{ area, dialed, want string }{
		{"011", "2123456", "geographic 81112123456"},
		{"011", "4123456", "? unassigned"},
		{"04", "71234567", "geographic 81471234567"},
		{"04", "01234567", "? length"},
		{"0466", "212345", "geographic 81466212345"},
		{"0466", "21234", "? length"},
		{"04992", "21234", "geographic 81499221234"},
		{"01", "20123456", "? area-code"},
		{"", "212345", "? area-code"},
	} {
		if got := read(Parse(c.dialed, &Context{Line: Line{AreaCode: c.area}})); got != c.want {
			t.Errorf("area code %q: Parse(%q) = %s, want %s", c.area, c.dialed, got, c.want)
		}
	}
}

// TestExtensionsCannotShadow gives a context that claims everything.
func TestExtensionsCannotShadow(t *testing.T) {
	all := func(string) bool { return true }
	ctx := &Context{OutsidePrefix: "9", Extension: all, Feature: all}
	for _, s := range []string{"110", "118", "119", "0110", "9110", "184110", "9186118", "0184119"} {
		if d := Parse(s, ctx); d.Class != Emergency {
			t.Errorf("Parse(%q) = %v, want emergency", s, d)
		}
	}
	for _, s := range []string{"2+1", "2-1", "2 1", "+81312345678", "２", "2\x00"} {
		if d := Parse(s, ctx); d.Class == Extension || d.Class == Feature {
			t.Errorf("Parse(%q) = %v: the plan was asked about it", s, d)
		}
	}
}

func TestSplitOfSharedCodes(t *testing.T) {
	for digits, want := range map[string]string{
		"18765551234": "international JM mobile", "447924123456": "international IM mobile",
		"12684641234": "international AG mobile", "18761111111": "international JM unallocated",
		"12015550123": "international US mobile", "14165550123": "international CA mobile",
		"19995550123": "international ZZ unallocated", "19002345678": "international US premium",
		"77010000000": "international KZ mobile", "79161234567": "international RU mobile",
		"441481256789": "international GG fixed", "447797123456": "international JE mobile",
		"441624756789": "international IM fixed", "442079460958": "international GB fixed",
		"390669812345": "international VA fixed", "390612345678": "international IT fixed",
		"390061234567": "international ZZ unallocated", "37969812345": "international VA unallocated",
		"672106423": "international AQ fixed",
		"672322222": "international NF fixed", "35818123456": "international AX",
		"358412345678": "international FI mobile",
		"4779123456":   "international SJ", "61891642345": "international CX", "61891621234": "international CC",
		"262639012345": "international YT mobile", "5999123456": "international CW", "5993181234": "international BQ",
		"2908999": "international TA", "212528812345": "international EH", "870773111632": "satellite 001",
		"881612345678": "satellite 001", "8821612345": "satellite 001", "883510012345678": "global-code 001 voip",
		"979123456789": "global-code 001 premium", "80012345678": "global-code 001 toll-free",
		"80812345678": "global-code 001",
		"888":         "global-code 001 unallocated", "21012345678": "international ZZ unallocated",
		"23222123456": "international SL unallocated", "00": "", "440207946095": "international ZZ unallocated",
		"449012345678": "international GB premium", "23276123456": "international SL mobile",
		"2": "international ZZ unallocated",
	} {
		d := Parse("+"+digits, nil)
		got := d.Class.String() + " " + d.Area + " " + d.Range.String()
		if !strings.HasPrefix(got, want) {
			t.Errorf("+%s = %s, want %s", digits, got, want)
		}
		if same := Parse("010"+digits, nil); digits != "00" && same != d {
			t.Errorf("010%s = %v, +%s = %v", digits, same, digits, d)
		}
	}
}
