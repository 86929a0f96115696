package sip

// HeaderID names a header field that this package knows. Compact and long forms have the same ID.
type HeaderID uint8

// The known header fields. Everything else is HeaderUnknown and kept under its own name.
const (
	HeaderUnknown HeaderID = iota
	HeaderVia
	HeaderFrom
	HeaderTo
	HeaderCallID
	HeaderCSeq
	HeaderMaxForwards
	HeaderContact
	HeaderContentLength
	HeaderContentType
	HeaderContentEncoding
	HeaderContentDisposition
	HeaderContentLanguage
	HeaderAccept
	HeaderAcceptEncoding
	HeaderAcceptLanguage
	HeaderAcceptContact
	HeaderRejectContact
	HeaderRequestDisposition
	HeaderAlertInfo
	HeaderAllow
	HeaderAllowEvents
	HeaderAuthenticationInfo
	HeaderAuthorization
	HeaderCallInfo
	HeaderDate
	HeaderDiversion
	HeaderErrorInfo
	HeaderEvent
	HeaderExpires
	HeaderFlowTimer
	HeaderGeolocation
	HeaderHistoryInfo
	HeaderIdentity
	HeaderIdentityInfo
	HeaderInReplyTo
	HeaderJoin
	HeaderMIMEVersion
	HeaderMinExpires
	HeaderMinSE
	HeaderOrganization
	HeaderPAccessNetworkInfo
	HeaderPAssertedIdentity
	HeaderPAssociatedURI
	HeaderPCalledPartyID
	HeaderPChargingVector
	HeaderPPreferredIdentity
	HeaderPEarlyMedia
	HeaderPath
	HeaderPriority
	HeaderPrivacy
	HeaderProxyAuthenticate
	HeaderProxyAuthorization
	HeaderProxyRequire
	HeaderRAck
	HeaderRSeq
	HeaderReason
	HeaderRecordRoute
	HeaderReferSub
	HeaderReferTo
	HeaderReferredBy
	HeaderRemotePartyID
	HeaderReplaces
	HeaderReplyTo
	HeaderRequire
	HeaderRetryAfter
	HeaderRoute
	HeaderSecurityClient
	HeaderSecurityServer
	HeaderSecurityVerify
	HeaderServer
	HeaderServiceRoute
	HeaderSessionExpires
	HeaderSIPETag
	HeaderSIPIfMatch
	HeaderSubject
	HeaderSubscriptionState
	HeaderSupported
	HeaderTargetDialog
	HeaderTimestamp
	HeaderUnsupported
	HeaderUserAgent
	HeaderWarning
	HeaderWWWAuthenticate
	numHeaders
)

// headerInfo is what the parser and the writer know about one header field.
type headerInfo struct {
	name    string // as written by us
	compact byte   // compact form in lower case (RFC 3261 §7.3.3), or 0
	single  bool   // appears at most once; twice is answered 400
	addrs   uint8  // 1 + index of the list of addresses in Message.addrs; 0: not an address header
}

var headers = [numHeaders]headerInfo{
	HeaderVia:                {name: "Via", compact: 'v'},
	HeaderFrom:               {name: "From", compact: 'f', single: true, addrs: 1},
	HeaderTo:                 {name: "To", compact: 't', single: true, addrs: 2},
	HeaderCallID:             {name: "Call-ID", compact: 'i', single: true},
	HeaderCSeq:               {name: "CSeq", single: true},
	HeaderMaxForwards:        {name: "Max-Forwards", single: true},
	HeaderContact:            {name: "Contact", compact: 'm', addrs: 3},
	HeaderContentLength:      {name: "Content-Length", compact: 'l', single: true},
	HeaderContentType:        {name: "Content-Type", compact: 'c', single: true},
	HeaderContentEncoding:    {name: "Content-Encoding", compact: 'e'},
	HeaderContentDisposition: {name: "Content-Disposition", single: true},
	HeaderContentLanguage:    {name: "Content-Language"},
	HeaderAccept:             {name: "Accept"},
	HeaderAcceptEncoding:     {name: "Accept-Encoding"},
	HeaderAcceptLanguage:     {name: "Accept-Language"},
	HeaderAcceptContact:      {name: "Accept-Contact", compact: 'a'},
	HeaderRejectContact:      {name: "Reject-Contact", compact: 'j'},
	HeaderRequestDisposition: {name: "Request-Disposition", compact: 'd'},
	HeaderAlertInfo:          {name: "Alert-Info"},
	HeaderAllow:              {name: "Allow"},
	HeaderAllowEvents:        {name: "Allow-Events", compact: 'u'},
	HeaderAuthenticationInfo: {name: "Authentication-Info", single: true},
	HeaderAuthorization:      {name: "Authorization"},
	HeaderCallInfo:           {name: "Call-Info"},
	HeaderDate:               {name: "Date", single: true},
	HeaderDiversion:          {name: "Diversion", addrs: 4},
	HeaderErrorInfo:          {name: "Error-Info"},
	HeaderEvent:              {name: "Event", compact: 'o', single: true},
	HeaderExpires:            {name: "Expires", single: true},
	HeaderFlowTimer:          {name: "Flow-Timer", single: true},
	HeaderGeolocation:        {name: "Geolocation"},
	HeaderHistoryInfo:        {name: "History-Info", addrs: 5},
	HeaderIdentity:           {name: "Identity", compact: 'y'},
	HeaderIdentityInfo:       {name: "Identity-Info", compact: 'n'},
	HeaderInReplyTo:          {name: "In-Reply-To"},
	HeaderJoin:               {name: "Join", single: true},
	HeaderMIMEVersion:        {name: "MIME-Version", single: true},
	HeaderMinExpires:         {name: "Min-Expires", single: true},
	HeaderMinSE:              {name: "Min-SE", single: true},
	HeaderOrganization:       {name: "Organization", single: true},
	HeaderPAccessNetworkInfo: {name: "P-Access-Network-Info"},
	HeaderPAssertedIdentity:  {name: "P-Asserted-Identity", addrs: 6},
	HeaderPAssociatedURI:     {name: "P-Associated-URI", addrs: 7},
	HeaderPCalledPartyID:     {name: "P-Called-Party-ID", single: true, addrs: 8},
	HeaderPChargingVector:    {name: "P-Charging-Vector", single: true},
	HeaderPPreferredIdentity: {name: "P-Preferred-Identity", addrs: 9},
	HeaderPEarlyMedia:        {name: "P-Early-Media"},
	HeaderPath:               {name: "Path", addrs: 10},
	HeaderPriority:           {name: "Priority", single: true},
	HeaderPrivacy:            {name: "Privacy"},
	HeaderProxyAuthenticate:  {name: "Proxy-Authenticate"},
	HeaderProxyAuthorization: {name: "Proxy-Authorization"},
	HeaderProxyRequire:       {name: "Proxy-Require"},
	HeaderRAck:               {name: "RAck", single: true},
	HeaderRSeq:               {name: "RSeq", single: true},
	HeaderReason:             {name: "Reason"},
	HeaderRecordRoute:        {name: "Record-Route", addrs: 11},
	HeaderReferSub:           {name: "Refer-Sub", single: true},
	HeaderReferTo:            {name: "Refer-To", compact: 'r', single: true, addrs: 12},
	HeaderReferredBy:         {name: "Referred-By", compact: 'b', single: true, addrs: 13},
	HeaderRemotePartyID:      {name: "Remote-Party-ID", addrs: 14},
	HeaderReplaces:           {name: "Replaces", single: true},
	HeaderReplyTo:            {name: "Reply-To", single: true, addrs: 15},
	HeaderRequire:            {name: "Require"},
	HeaderRetryAfter:         {name: "Retry-After", single: true},
	HeaderRoute:              {name: "Route", addrs: 16},
	HeaderSecurityClient:     {name: "Security-Client"},
	HeaderSecurityServer:     {name: "Security-Server"},
	HeaderSecurityVerify:     {name: "Security-Verify"},
	HeaderServer:             {name: "Server", single: true},
	HeaderServiceRoute:       {name: "Service-Route", addrs: 17},
	HeaderSessionExpires:     {name: "Session-Expires", compact: 'x', single: true},
	HeaderSIPETag:            {name: "SIP-ETag", single: true},
	HeaderSIPIfMatch:         {name: "SIP-If-Match", single: true},
	HeaderSubject:            {name: "Subject", compact: 's', single: true},
	HeaderSubscriptionState:  {name: "Subscription-State", single: true},
	HeaderSupported:          {name: "Supported", compact: 'k'},
	HeaderTargetDialog:       {name: "Target-Dialog", single: true},
	HeaderTimestamp:          {name: "Timestamp", single: true},
	HeaderUnsupported:        {name: "Unsupported"},
	HeaderUserAgent:          {name: "User-Agent", single: true},
	HeaderWarning:            {name: "Warning"},
	HeaderWWWAuthenticate:    {name: "WWW-Authenticate"},
}

// numAddrLists is the number of header fields that hold addresses.
const numAddrLists = 17
