package number

import (
	"slices"
	"strings"
)

// Area is a numbering-plan area abroad. It is what an owner opens: a country
// code may serve many areas (+1: 25), an area has one country code.
type Area struct {
	Code        string `json:"code"`         // ISO 3166 alpha-2, as in Destination.Area: "SL"
	CallingCode string `json:"calling_code"` // country code: "232"
	NameJA      string `json:"name_ja"`      // シエラレオネ
	NameEN      string `json:"name_en"`      // Sierra Leone
}

// InternationalAreas returns every numbering-plan area abroad in the order of
// Code. Codes without a country and AreaUnknown are none of them.
func InternationalAreas() []Area { return slices.Clone(areaTable[:]) }

// AreaOf returns the area of a code such as "SL", in either case.
func AreaOf(code string) (Area, bool) {
	code = strings.ToUpper(code)
	i, ok := slices.BinarySearchFunc(areaTable[:], code, func(a Area, c string) int {
		return strings.Compare(a.Code, c)
	})
	if !ok {
		return Area{}, false
	}
	return areaTable[i], true
}

// FindAreas returns the areas that a person means by word: a code ("SL"), a
// country code ("232", "+232"; all areas of a shared one) or a name in
// Japanese or English; none for a word that is nothing of it.
func FindAreas(word string) []Area {
	if a, ok := AreaOf(word); ok {
		return []Area{a}
	}
	code := strings.TrimPrefix(word, "+")
	var found []Area
	for _, a := range areaTable {
		if a.CallingCode == code || a.NameJA == word || strings.EqualFold(a.NameEN, word) {
			found = append(found, a)
		}
	}
	return found
}
