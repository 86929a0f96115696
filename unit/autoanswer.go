package unit

import (
	"strings"

	"github.com/sekisho/sekisho/wire/sip/session"
)

// autoAnswers are what phones want to be told that they are to answer by themselves, by
// what they say of themselves, in small letters. The first that fits counts.
var autoAnswers = []struct {
	agent, name, value string
}{
	{"polycom", "Alert-Info", "info=Auto Answer"},
	{"poly", "Alert-Info", "info=Auto Answer"},
	{"panasonic", "Alert-Info", "Intercom"},
	{"openstage", "Alert-Info", "<http://example.com>;info=alert-autoanswer"},
	{"openscape", "Alert-Info", "<http://example.com>;info=alert-autoanswer"},
	{"mitel", "Call-Info", "<sip:broadworks.net>;answer-after=0"},
	{"aastra", "Call-Info", "<sip:broadworks.net>;answer-after=0"},
	{"digium", "Alert-Info", "ring-answer"},
	{"sangoma p", "Alert-Info", "ring-answer"},
	{"sangoma s", "Alert-Info", "<http://www.sangoma.com>;info=external"},
}

// autoAnswer is what asks a phone to answer by itself. The unit alone writes it: what a
// caller's INVITE says of the kind never reaches another phone, since that would be an
// ear in somebody's room.
func (c *liveCall) autoAnswer(agent string) []session.Header {
	agent = strings.ToLower(agent)
	for _, a := range autoAnswers {
		if strings.Contains(agent, a.agent) {
			return []session.Header{{Name: a.name, Value: a.value}}
		}
	}
	return []session.Header{
		{Name: "Call-Info", Value: "<sip:" + c.u.cfg.Realm + ">;answer-after=0"},
		{Name: "Alert-Info", Value: "Ring Answer"},
		{Name: "Answer-Mode", Value: "Auto"}, // RFC 5373
	}
}
