package gate

import "github.com/sekisho/sekisho/number"

// ClassSet is a set of number classes.
type ClassSet uint32

// Classes makes a set.
func Classes(list ...number.Class) ClassSet {
	var s ClassSet
	for _, c := range list {
		s |= 1 << c
	}
	return s
}

// Has tells whether c is in the set.
func (s ClassSet) Has(c number.Class) bool { return s&(1<<c) != 0 }

// FactoryClasses are the ordinary domestic classes: what an unconfigured,
// claimed unit passes. The # short numbers are among them because a line has
// to declare them before it carries any.
var FactoryClasses = Classes(number.Geographic, number.Mobile, number.IPPhone,
	number.Freephone, number.Service, number.HashShort)

// lineFactoryClasses is what a line carries that declares nothing: neither #
// short numbers nor carrier selection.
var lineFactoryClasses = Classes(number.Emergency, number.Geographic, number.Mobile,
	number.IPPhone, number.Freephone, number.Service, number.Navi, number.Premium,
	number.Telegong, number.Pager, number.International)
