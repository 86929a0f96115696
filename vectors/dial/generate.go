package dial

import (
	"iter"
	"strings"
)

// Case is one generated dial string and what is known of it.
type Case struct {
	// Dialed is the user part as dialed, not escaped; any bytes.
	Dialed string
	// WantDomestic: Dialed is an ordinary number of Japan (geographic, mobile,
	// 050 or freephone), which must be understood and pass.
	WantDomestic bool
	// Number is the E.164 digits, without "+", that WantDomestic must mean; of
	// other cases the number that the tricks were played on.
	Number string
	// Tricks names what was done, e.g. "symbol-in-front fullwidth"; "" for
	// WantDomestic.
	Tricks string
}

// Generate returns an endless sequence of cases, the same for the same seed.
// Every second one is WantDomestic. The others are numbers that are barred by
// default, disguised by one to three tricks, every second one with digits alone;
// a trick may make an ordinary
// number by accident, which is for the judge to say.
func Generate(seed uint64) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		d := dice(seed)
		for {
			if !yield(domestic(&d)) || !yield(disguised(&d)) {
				return
			}
		}
	}
}

// areaCodes are area codes with their zero, of each length and region; some with
// the first digit of an exchange, where not all are in use.
var areaCodes = []string{
	"03", "06", "0112", "0117", "022", "025", "029", "042", "043", "044", "045", "047", "048", "052", "053",
	"054", "058", "059", "072", "0734", "075", "076", "077", "078", "079", "082", "083", "086", "087",
	"0886", "0888", "089", "092", "093", "095", "096", "097", "098", "099", "0120x", "0123", "0138", "0154",
	"0166", "0172", "0184", "0186", "0191", "0220", "0235", "0246", "0263", "0277", "0294", "0422",
	"0466", "0475", "0531", "0558", "0577", "0594", "0742", "0748", "0773", "0796", "0820", "0852",
	"0898", "0930", "0942", "0956", "0980", "0985", "0994", "01267", "01374", "04992", "04998",
	"05769", "08387", "09802", "09913",
}

// freephone is what stands for 0120 in areaCodes, so that it comes often.
const freephone = "0120x"

// mobiles are the ranges of eleven digits, their fourth digit from 1.
var mobiles = []string{"060", "070", "080", "090", "050"}

// domestic makes an ordinary number.
func domestic(d *dice) Case {
	n := national(d)
	c := Case{WantDomestic: true, Number: "81" + n[1:]}
	switch d.below(10) {
	case 0:
		c.Dialed = "+" + c.Number
	case 1:
		c.Dialed = "184" + n
	case 2:
		c.Dialed = "186" + n
	default:
		c.Dialed = n
	}
	return c
}

// national makes an ordinary number with its zero.
func national(d *dice) string {
	b := make([]byte, 0, 11)
	switch d.below(3) {
	case 0:
		b = append(b, d.of(mobiles)...)
		b = append(b, byte('1'+d.below(9)))
		return string(d.digits(b, 7))
	case 1:
		if d.chance(8) {
			return string(d.digits(append(b, "0800"...), 7))
		}
	}
	code := d.of(areaCodes)
	if code == freephone {
		return string(d.digits(append(b, "0120"...), 6))
	}
	b = append(b, code...)
	b = append(b, byte('2'+d.below(8)))
	return string(d.digits(b, 10-len(b)))
}

// countries are destinations of past fraud and neighbors of shared codes.
var countries = []string{
	"232", "224", "237", "239", "245", "252", "370", "371", "423", "670", "220", "960", "675", "53", "44",
	"447", "1876", "1268", "1809", "1900", "7", "77", "3906698", "379", "881", "882", "883", "870", "979",
	"800", "808", "888", "672", "590", "262", "358", "47", "61", "599", "972", "1", "210",
}

// sellers are prefixes of numbers in Japan that cost more, or are no phones.
var sellers = []string{"0570", "0990", "0180", "020", "0200", "0170", "0600", "0100"}

// networks are what else the network understands.
var networks = []string{
	"1100", "1181", "1190", "142", "1420", "147", "148", "144", "104", "117", "188", "135", "0000", "911",
	"112", "999", "122", "#7119", "#8000", "171",
}

// target makes a number that is barred by default, and its bare digits.
func target(d *dice) (dialed, number string) {
	switch d.below(10) {
	case 0:
		n := string(d.digits([]byte(d.of(sellers)), 6+d.below(3)))
		return n, "81" + n[1:]
	case 1:
		n := d.of(networks)
		return n, n
	}
	number = string(d.digits([]byte(d.of(countries)), 5+d.below(5)))
	switch d.below(8) {
	case 0:
		return "+" + number, number
	case 1:
		return "00" + number, number
	case 2:
		return d.of(carriers) + "010" + number, number
	case 3:
		return number, number
	case 4:
		return "+81010" + number, number
	default:
		return "010" + number, number
	}
}

// disguised plays tricks on a barred number.
func disguised(d *dice) Case {
	s, number := target(d)
	c := Case{Number: number}
	var names []string
	choice := tricks
	if d.chance(2) {
		choice = digitTricks
	}
	for range 1 + d.below(3) {
		t := choice[d.below(len(choice))]
		s = t.play(d, s)
		names = append(names, t.name)
	}
	c.Dialed, c.Tricks = s, strings.Join(names, " ")
	return c
}
