package tempo

// price: the destination is new to the office, and a minute there costs as much
// as calls abroad that intruders live on. Who opens a country to the extension,
// or proves once that it is meant, makes it known: then no price is odd.
func (l *look) price() (Strength, int64, int64) {
	if !l.c.New || l.c.Rate < priceUsual {
		return None, 0, 0
	}
	return Weak, l.c.Rate / 1000, priceUsual / 1000
}
