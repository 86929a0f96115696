package number

import "strings"

// Param is one parameter of a URI or of the telephone-subscriber within its
// user part, unescaped once; Value is "" where there is none.
type Param struct {
	Name  string
	Value string
}

// FromTel says what a tel URI means (RFC 3966), e.g.
// "tel:+81-3-1234-5678". Visual separators are part of that grammar and are
// dropped; everything else is as strict as Parse. Parameters that would change
// where the call goes or what is dialed behind it (isub, ext, postd, rn, npdi,
// cic, tgrp and every one not known to be harmless) refuse it.
//
// A phone-context must be ctx.Domain or +81, and stands with local numbers
// only. Within +81 the number is one of Japan without extensions, feature
// codes and outside prefix, and must not lead abroad.
func FromTel(uri string, ctx *Context) Destination {
	const scheme = "tel:"
	if len(uri) > MaxTel {
		return misunderstood(WhyLength)
	}
	if len(uri) < len(scheme) || !strings.EqualFold(uri[:len(scheme)], scheme) {
		return misunderstood(WhyScheme)
	}
	subscriber, rest, found := strings.Cut(uri[len(scheme):], ";")
	params, ok := splitParams(rest, found)
	if !ok {
		return misunderstood(WhyParameter)
	}
	return fromSubscriber(dropSeparators(subscriber), params, nil, ctx)
}

// FromSIPUser says what the user part of a SIP or SIPS URI means. user is
// unescaped exactly once and may carry the parameters of a
// telephone-subscriber ("+81312345678;phone-context=…"); uri are the
// parameters of the URI itself, of which those that speak of numbers are judged
// as if they stood in the user part, user= is taken as said, and the others
// mean nothing to the number. Visual separators are refused here: a phone that
// dials does not send them, and the next hop may drop them.
func FromSIPUser(user string, uri []Param, ctx *Context) Destination {
	if len(user) > MaxTel {
		return misunderstood(WhyLength)
	}
	subscriber, rest, found := strings.Cut(user, ";")
	params, ok := splitParams(rest, found)
	if !ok {
		return misunderstood(WhyParameter)
	}
	return fromSubscriber(subscriber, params, uri, ctx)
}

// splitParams splits "a=b;c"; ok is false where a name is missing.
func splitParams(s string, found bool) (params []Param, ok bool) {
	if !found {
		return nil, true
	}
	for part := range strings.SplitSeq(s, ";") {
		name, value, _ := strings.Cut(part, "=")
		if name == "" {
			return nil, false
		}
		params = append(params, Param{Name: name, Value: value})
	}
	return params, true
}

// dropSeparators removes the visual separators of RFC 3966 §5.1.1.
func dropSeparators(s string) string {
	if !strings.ContainsAny(s, "-.()") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte("-.()", s[i]) < 0 {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// fromSubscriber judges the parameters, then the number. user are those of
// the telephone-subscriber, of which none may be unknown; uri are those of the
// URI around it.
func fromSubscriber(dialed string, user, uri []Param, ctx *Context) Destination {
	if ctx == nil {
		ctx = &Context{}
	}
	contexts, context := 0, ""
	for i, p := range append(user[:len(user):len(user)], uri...) {
		switch kindOf(p) {
		case paramContext:
			contexts, context = contexts+1, p.Value
		case paramHarmful:
			return misunderstood(WhyParameter)
		case paramUnknown:
			if i < len(user) {
				return misunderstood(WhyParameter)
			}
		case paramHarmless:
		}
	}
	switch {
	case contexts == 0:
		return Parse(dialed, ctx)
	case contexts > 1, strings.HasPrefix(dialed, "+"):
		return misunderstood(WhyContext)
	case context == "+"+homeCode:
		return parseHome(dialed, ctx)
	case ctx.Domain != "" && strings.EqualFold(context, ctx.Domain):
		return Parse(dialed, ctx)
	}
	return misunderstood(WhyContext)
}

// parseHome reads a number within phone-context=+81.
func parseHome(dialed string, ctx *Context) Destination {
	d := parseAtCarrier(dialed, &Profile{Line: ctx.Line})
	if d.Class.Abroad() {
		return misunderstood(WhyContext)
	}
	return d
}

// paramKind is what a parameter means to the number.
type paramKind uint8

const (
	paramUnknown  paramKind = iota
	paramHarmless           // changes nothing
	paramContext            // phone-context
	paramHarmful            // changes where the call goes or what is dialed
)

// kindOf knows the parameters of RFC 3966, 4694, 4904, 3578 and of the SIP
// URI.
func kindOf(p Param) paramKind {
	switch strings.ToLower(p.Name) {
	case "phone-context":
		return paramContext
	case "enumdi":
		if p.Value == "" {
			return paramHarmless
		}
		return paramHarmful
	case "user":
		switch strings.ToLower(p.Value) {
		case "phone", "ip", "dialstring":
			return paramHarmless
		}
		return paramHarmful
	case "isub", "isub-encoding", "ext", "postd", "rn", "rn-context", "npdi", "cic", "cic-context",
		"tgrp", "trunk-context", "csel", "premrate", "oli", "cpc":
		return paramHarmful
	}
	return paramUnknown
}
