package speech

// Max is the first number that is not said as one: 一兆.
const Max = 1_000_000_000_000
