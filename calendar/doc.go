// Package calendar knows the days on which offices in Japan are closed: the
// national holidays by law, and spans of days that an owner names (Obon, the
// turn of the year). It is pure.
//
// Use Holiday first. Its rules are those of the Act on National Holidays
// (国民の祝日に関する法律, Act No. 178 of 1948, as amended until 2018), among them
// substitute holidays (§3 (2), 振替休日) and days between two holidays (§3 (3),
// 国民の休日). The equinoxes, which the law leaves to astronomy, are computed by
// the usual formula for 1980–2099 (海上保安庁水路部 『暦計算研究会編 新こよみ便利帳』);
// the National Astronomical Observatory announces each one in the February
// before its year, so a year far ahead is a forecast.
//
// # Concurrency
//
// Everything here is a value or a function of its arguments.
//
// # Limits
//
// Years from FirstYear to LastYear. Outside them every day counts as a
// holiday: who bars calls on holidays has them barred where nobody knows.
package calendar
