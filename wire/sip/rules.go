package sip

import "slices"

import "bytes"

// Rules tell Validate what this endpoint serves.
type Rules struct {
	// Methods are served; other known ones are answered 405, unknown ones 501.
	Methods MethodSet
	// Extensions are the option tags that may stand in Require; others are answered 420.
	Extensions []string
	// Needs are option tags that a request which may start a dialog must support; else it is answered 421.
	Needs []string
	// Accept are the media types understood in the body of a request that carries an offer; nil means
	// "application/sdp". Others are answered 415.
	Accept []string
	// MaxBody is the longest body in bytes, 0 for no limit; a longer one is answered 413.
	MaxBody int
	// MaxMessage is the longest message in bytes, 0 for no limit; a longer one is answered 513.
	MaxMessage int
	// SIPS tells that sips: targets are served (a TLS listener); else they are answered 416.
	SIPS bool
	// Tel tells that tel: targets are served; else they are answered 416.
	Tel bool
	// SecurityServer, if not empty, demands a security agreement (RFC 3329): a request without
	// Security-Client is answered 494 with this Security-Server.
	SecurityServer string
	// RefuseRFC2543 refuses requests without a branch of RFC 3261.
	RefuseRFC2543 bool
}

var acceptSDP = []string{"application/sdp"}

func (r *Rules) accept() []string {
	if r.Accept == nil {
		return acceptSDP
	}
	return r.Accept
}

// Validate judges a parsed message against the RFCs and the rules. nil means that it is fine. Otherwise it names
// the answer owed; a broken response or ACK is never answered (Answer.Dropped). The Answer belongs to the
// message and lives until its next Parse.
//
// The order is fixed: what can't be answered, version, syntax of the parts every message has, method,
// Request-URI, limits, extensions, body.
func Validate(m *Message, r *Rules) *Answer {
	if !m.request {
		return m.validateResponse()
	}
	a := m.validateRequest(r)
	if a != nil && m.method == ACK {
		return m.drop(a.Phrase)
	}
	return a
}

func (m *Message) validateRequest(r *Rules) *Answer {
	if m.fault == faultVersion {
		return m.owe(505, faultPhrases[faultVersion])
	}
	if a := m.validateSyntax(r); a != nil {
		return a
	}
	if a := m.validateMethod(r); a != nil {
		return a
	}
	if a := m.validateTarget(r); a != nil {
		return a
	}
	if a := m.validateLimits(r); a != nil {
		return a
	}
	if a := m.validateExtensions(r); a != nil {
		return a
	}
	return m.validateBody(r)
}

// owe fills in the answer.
func (m *Message) owe(status int, phrase string, headers ...AnswerField) *Answer {
	m.answer = Answer{Status: status, Phrase: phrase, Headers: headers}
	return &m.answer
}

// drop says why nobody gets an answer.
func (m *Message) drop(why string) *Answer { return m.owe(0, why) }

// validateResponse: RFC 3261 §8.1.3. One Via only: we are a user agent on every leg.
func (m *Message) validateResponse() *Answer {
	if m.fault != faultNone {
		return m.drop(faultPhrases[m.fault])
	}
	vias, err := m.Vias()
	switch {
	case err != nil || len(vias) == 0:
		return m.drop("Malformed Via")
	case len(vias) > 1:
		return m.drop("More Than One Via In Response")
	}
	if why := m.coreFault(); why != "" {
		return m.drop(why)
	}
	if why := m.addressFault(); why != "" {
		return m.drop(why)
	}
	return nil
}

// coreFault finds what is wrong with From, To, Call-ID and CSeq (RFC 3261 §8.1.1).
func (m *Message) coreFault() string {
	for _, h := range [...]struct {
		id                HeaderID
		absent, malformed string
	}{
		{HeaderFrom, "Missing From", "Malformed From"},
		{HeaderTo, "Missing To", "Malformed To"},
	} {
		if !m.Has(h.id) {
			return h.absent
		}
		if list, err := m.Addrs(h.id); err != nil || len(list) != 1 || list[0].Wildcard {
			return h.malformed
		}
	}
	if !m.Has(HeaderCallID) {
		return "Missing Call-ID"
	}
	if !wellFormedCallID(m.CallID()) {
		return "Malformed Call-ID"
	}
	if !m.Has(HeaderCSeq) {
		return "Missing CSeq"
	}
	if m.CSeq(); m.cseqErr != nil {
		return "Malformed CSeq"
	}
	return ""
}

// addressFault finds malformed address lists, so that later readers need not ask. They are those that routing
// depends on: what only informs (P-Asserted-Identity, Diversion, Referred-By …) is ignored where it is
// malformed (RFC 3261 §8.2.2), which is what its readers see as an error.
func (m *Message) addressFault() string {
	for _, h := range [...]struct {
		id     HeaderID
		phrase string
	}{
		{HeaderContact, "Malformed Contact"},
		{HeaderRoute, "Malformed Route"},
		{HeaderRecordRoute, "Malformed Record-Route"},
		{HeaderPath, "Malformed Path"},
		{HeaderServiceRoute, "Malformed Service-Route"},
		{HeaderReferTo, "Malformed Refer-To"},
	} {
		if !m.Has(h.id) {
			continue
		}
		if _, err := m.Addrs(h.id); err != nil {
			return h.phrase
		}
	}
	return ""
}

// validateSyntax answers 400 with what is wrong.
func (m *Message) validateSyntax(r *Rules) *Answer {
	if m.fault != faultNone {
		return m.owe(400, faultPhrases[m.fault])
	}
	if !m.Has(HeaderVia) {
		return m.owe(400, "Missing Via")
	}
	if _, err := m.Vias(); err != nil {
		return m.owe(400, "Malformed Via")
	}
	via := m.TopVia()
	if len(via.Branch) == len(MagicCookie) && equalFold(via.Branch, MagicCookie) {
		return m.owe(400, "Empty Branch") // RFC 4475 §3.2.1
	}
	if why := m.coreFault(); why != "" {
		return m.owe(400, why)
	}
	if !bytes.Equal(m.CSeq().MethodText, m.MethodText()) {
		return m.owe(400, "CSeq Method Mismatch")
	}
	if !via.Cookie() {
		if r.RefuseRFC2543 {
			return m.owe(400, "Missing Branch")
		}
	} else if m.From().Tag == nil {
		return m.owe(400, "Missing From Tag")
	}
	if why := m.addressFault(); why != "" {
		return m.owe(400, why)
	}
	if why := m.numberFault(); why != "" {
		return m.owe(400, why)
	}
	return m.validateContact(via.Cookie())
}

// numberFault finds malformed numbers and dates. Expires is forgiven, as RFC 3261 §20.19 wants.
func (m *Message) numberFault() string {
	const maxForwardsMax = 255 // RFC 3261 §20.22
	if n, ok := m.Uint(HeaderMaxForwards); m.Has(HeaderMaxForwards) && (!ok || n > maxForwardsMax) {
		return "Malformed Max-Forwards"
	}
	for _, h := range [...]struct {
		id     HeaderID
		phrase string
	}{
		{HeaderSessionExpires, "Malformed Session-Expires"},
		{HeaderMinSE, "Malformed Min-SE"},
	} {
		if !m.Has(h.id) {
			continue
		}
		if _, ok := m.Uint(h.id); !ok {
			return h.phrase
		}
	}
	if m.Has(HeaderDate) {
		if _, ok := m.Date(); !ok {
			return "Malformed Date"
		}
	}
	if m.Has(HeaderContentType) {
		if _, _, ok := m.ContentType(); !ok {
			return "Malformed Content-Type"
		}
	}
	if m.method == PRACK {
		if _, _, ok := m.RAck(); !ok {
			return "Malformed RAck"
		}
	}
	return ""
}

// validateContact: an INVITE has exactly one Contact, a SIP URI (RFC 3261 §8.1.1.8); "*" is REGISTER's alone.
func (m *Message) validateContact(cookie bool) *Answer {
	list, _ := m.Contacts()
	for i := range list {
		if list[i].Wildcard && m.method != REGISTER {
			return m.owe(400, "Malformed Contact")
		}
	}
	if m.method != INVITE {
		return nil
	}
	switch {
	case len(list) == 0 && cookie:
		return m.owe(400, "Missing Contact")
	case len(list) > 1:
		return m.owe(400, "More Than One Contact")
	case len(list) == 1 && !list[0].URI.IsSIP():
		return m.owe(400, "Contact Is Not A SIP URI")
	}
	return nil
}

// validateMethod: RFC 3261 §8.2.1.
func (m *Message) validateMethod(r *Rules) *Answer {
	if m.method == MethodUnknown {
		return m.owe(501, "Method Not Implemented", r.allow())
	}
	if !r.Methods.Has(m.method) && m.method != ACK {
		return m.owe(405, StatusPhrase(405), r.allow())
	}
	return nil
}

func (r *Rules) allow() AnswerField {
	return AnswerField{HeaderAllow, string(r.Methods.Append(nil))}
}

// validateTarget: RFC 3261 §8.2.2.1, §10.3. Only here is the Request-URI's own syntax judged, so that a scheme
// we don't know is 416 and not 400.
func (m *Message) validateTarget(r *Rules) *Answer {
	if len(m.RequestTarget()) > MaxURI {
		return m.owe(414, StatusPhrase(414))
	}
	u := m.RequestURI()
	if m.uriErr != nil {
		return m.owe(400, "Malformed Request-URI")
	}
	switch {
	case u.Scheme == SchemeSIP:
	case u.Scheme == SchemeSIPS && r.SIPS:
	case u.Scheme == SchemeTel && r.Tel && m.method != REGISTER:
	default:
		return m.owe(416, StatusPhrase(416))
	}
	if len(u.Headers) > 0 { // RFC 3261 §19.1.1: not allowed in a Request-URI
		return m.owe(400, "Headers In Request-URI")
	}
	if m.method == REGISTER && !m.To().URI.IsSIP() { // RFC 3261 §10.3 step 5, RFC 4475 §3.3.4
		return m.owe(400, "Address Of Record Is Not A SIP URI")
	}
	return nil
}

// validateLimits answers 513, 413 and 483.
func (m *Message) validateLimits(r *Rules) *Answer {
	if r.MaxMessage > 0 && len(m.buf) > r.MaxMessage {
		return m.owe(513, StatusPhrase(513))
	}
	if r.MaxBody > 0 && len(m.Body()) > r.MaxBody {
		return m.owe(413, StatusPhrase(413))
	}
	// What ends here needs no more hops (RFC 4475 §3.3.11); a call we would carry on does.
	if m.MaxForwards() == 0 && m.method == INVITE && m.To().Tag == nil {
		return m.owe(483, StatusPhrase(483))
	}
	return nil
}

// validateExtensions answers 420, 421 and 494. CANCEL has no Require (RFC 3261 §9.1), and ACK is not answered.
func (m *Message) validateExtensions(r *Rules) *Answer {
	if m.method == CANCEL || m.method == ACK {
		return nil
	}
	var unsupported []byte
	for tag := range m.List(HeaderRequire) {
		if !token(tag) {
			return m.owe(400, "Malformed Require")
		}
		if !r.understands(tag) {
			if len(unsupported) > 0 {
				unsupported = append(unsupported, ", "...)
			}
			unsupported = append(unsupported, tag...)
		}
	}
	if len(unsupported) > 0 {
		return m.owe(420, StatusPhrase(420), AnswerField{HeaderUnsupported, string(unsupported)})
	}
	if m.To().Tag != nil {
		return nil
	}
	for _, need := range r.Needs {
		if !m.Lists(HeaderSupported, need) && !m.Lists(HeaderRequire, need) {
			return m.owe(421, StatusPhrase(421), AnswerField{HeaderRequire, need})
		}
	}
	if r.SecurityServer != "" && !m.Has(HeaderSecurityClient) && !m.Has(HeaderSecurityVerify) {
		return m.owe(494, StatusPhrase(494), AnswerField{HeaderSecurityServer, r.SecurityServer},
			AnswerField{HeaderRequire, "sec-agree"})
	}
	return nil
}

func (r *Rules) understands(tag []byte) bool {
	for _, e := range r.Extensions {
		if equalFold(tag, e) {
			return true
		}
	}
	return false
}

// validateBody answers 493, 415 and 406, for requests that carry an offer or an answer (RFC 3261 §8.2.3).
func (m *Message) validateBody(r *Rules) *Answer {
	if m.method != INVITE && m.method != UPDATE && m.method != PRACK {
		return nil
	}
	if len(m.Body()) > 0 {
		if a := m.validateMedia(r); a != nil {
			return a
		}
	}
	if m.method == INVITE && m.Has(HeaderAccept) && !m.accepts(r.accept()) {
		return m.owe(406, StatusPhrase(406), AnswerField{HeaderAccept, join(r.accept())})
	}
	return nil
}

func (m *Message) validateMedia(r *Rules) *Answer {
	if m.Has(HeaderContentEncoding) {
		for v := range m.List(HeaderContentEncoding) {
			if !equalFold(v, "identity") {
				return m.owe(415, "Unsupported Content-Encoding", AnswerField{HeaderAcceptEncoding, "identity"})
			}
		}
	}
	if m.IsContentType("application/pkcs7-mime") {
		return m.owe(493, StatusPhrase(493))
	}
	if slices.ContainsFunc(r.accept(), m.IsContentType) {
		return nil
	}
	if h, _ := m.FieldParams(HeaderContentDisposition).Get("handling"); equalFold(h, "optional") {
		return nil // RFC 3261 §20.11
	}
	return m.owe(415, StatusPhrase(415), AnswerField{HeaderAccept, join(r.accept())})
}

// accepts tells whether the Accept header field covers one of the types (RFC 3261 §20.1). An empty Accept
// covers none.
func (m *Message) accepts(types []string) bool {
	for v := range m.List(HeaderAccept) {
		kind, subtype, _, ok := splitMediaType(v)
		if !ok {
			continue
		}
		if len(kind) == 1 && kind[0] == '*' {
			return true
		}
		for _, t := range types {
			k, s, _, _ := splitMediaType([]byte(t))
			if equalFoldBytes(k, kind) && (len(subtype) == 1 && subtype[0] == '*' || equalFoldBytes(s, subtype)) {
				return true
			}
		}
	}
	return false
}

func join(list []string) string {
	var b []byte
	for i, s := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, s...)
	}
	return string(b)
}
