package tempo

import "testing"

// TestMoneyOfAnOffice: by hours in which it called; older ones count half.
func TestMoneyOfAnOffice(t *testing.T) {
	var s spent
	s.add(100, then)
	s.add(-5, then+1)
	s.add(20, then+2)
	if s != (spent{Hour: then / hour, Now: 120}) {
		t.Errorf("%+v", s)
	}
	s.turn(then + hour)
	s.turn(then + 2*hour) // nobody called in that one
	if s != (spent{Hour: then/hour + 2, Sum: 120, Hours: 1}) {
		t.Errorf("two hours later: %+v", s)
	}
	s = spent{Hour: 1, Now: 100, Sum: 900, Hours: hoursMost - 1}
	if s.turn(then); s != (spent{Hour: then / hour, Sum: 500, Hours: hoursMost / 2}) {
		t.Errorf("many hours: %+v", s)
	}
	s.add(moneyMost+1, then)
	if s.add(5, then); s.Now != moneyMost {
		t.Errorf("%d", s.Now)
	}
}

// TestTails: the chance of so much money is that of the negative binomial.
func TestTails(t *testing.T) {
	near := func(what string, got, want float64) {
		t.Helper()
		if got < want-1e-12 || got > want+1e-12 {
			t.Errorf("%s: %.15f, want %.15f", what, got, want)
		}
	}
	var none spent // shape 2, one half: q = 2/3
	near("nothing", none.tail(0), 1)
	near("a step", none.tail(1), 1-1.0/9)
	near("two steps", none.tail(2), 1-1.0/9-4.0/27)
	near("three steps", none.tail(3), 1-1.0/9-4.0/27-4.0/27)
	some := spent{Sum: 2 * stepMoney, Hours: 2} // shape 4, five halves: q = 2/7
	near("with history", some.tail(1), 1-625.0/2401)
	near("two steps with history", some.tail(2), 1-625.0/2401*(1+8.0/7))
	much := spent{Sum: 14 * stepMoney, Hours: 7} // shape 16: 15 halves by 8 of 16 are 7, q = 2/9
	near("a long history", much.tail(1), 1-5764801.0/43046721)
}

// TestSurges: money of this hour and of what is up, in steps; four hundred are a
// surge at any history.
func TestSurges(t *testing.T) {
	live := func(ago int64) call { return call{At: then - ago, State: up, Answered: then - ago, Rate: 600_000} }
	for _, c := range []struct {
		name  string
		now   int64
		spent spent
		calls []call
		want  said
	}{
		{"nothing", stepMoney - 1, spent{}, nil, said{}},
		{"a step", stepMoney, spent{}, nil, said{}},
		{"much", 100 * stepMoney, spent{}, nil, said{Strong, 50_000, 0}},
		{"more than usual", 12 * stepMoney, spent{Sum: 4 * stepMoney, Hours: 4}, nil, said{Weak, 6000, 500}},
		{"as usual", 12 * stepMoney, spent{Sum: 400 * stepMoney, Hours: 40}, nil, said{}},
		{"however usual", stepsMost * stepMoney, spent{Sum: 1e12, Hours: 1}, nil, said{Strong, 200_000, 1e9}},
		{"beyond what is reckoned", stepsMost*stepMoney + 1000, spent{}, nil, said{Strong, 200_001, 0}},
		{"what is up", 0, spent{}, []call{live(1800)}, said{Weak, 18_000, 0}},
		{"up for hours", 0, spent{}, []call{live(2 * hour)}, said{Strong, 36_000, 0}},
		{"up for too long", 0, spent{}, []call{live(talkingFor)}, said{}},
	} {
		l := looking(then, append([]call{{At: then, State: up, Answered: then - hour, Rate: 600_000}}, c.calls...)...)
		l.w.unit.Spent = c.spent
		l.w.unit.Spent.Now = c.now
		expect(t, c.name, saying(l.surge()), c.want)
	}
}
