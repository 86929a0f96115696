package control

import "time"

// The operations on what extensions do with calls that they get.
var (
	ServiceSet  = Op[ServiceSetRequest, None]{"service.set"}
	ServiceList = Op[None, []Service]{"service.list"}
)

// ServiceSetRequest sets one thing that an extension does with its calls.
type ServiceSetRequest struct {
	Extension string `json:"extension"`
	Service   string `json:"service"` // as in fact.ServiceSet
	On        bool   `json:"on"`
	To        string `json:"to,omitempty"` // where calls are sent on to, as people write it
	Seconds   int    `json:"seconds,omitempty"`
}

// Service is one thing that an extension does with its calls.
type Service struct {
	Extension string    `json:"extension"`
	Service   string    `json:"service"`
	To        string    `json:"to,omitempty"`
	Seconds   int       `json:"seconds,omitempty"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}
