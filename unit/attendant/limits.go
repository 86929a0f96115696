package attendant

import "time"

// EchoMax is how long a caller may hear itself.
const EchoMax = 3 * time.Minute
