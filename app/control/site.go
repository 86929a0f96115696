package control

import (
	"time"

	"github.com/sekisho/sekisho/text"
)

// The operations on other sites (拠点).
var (
	SiteCode    = Op[None, SiteOwn]{"site.code"}
	SitePair    = Op[SitePairRequest, None]{"site.pair"}
	SiteUnpair  = Op[SiteRequest, None]{"site.unpair"}
	SiteOutside = Op[SiteMayRequest, None]{"site.outside"}
	SiteLamps   = Op[SiteMayRequest, None]{"site.lamps"}
	SitePickUp  = Op[SiteMayRequest, None]{"site.pickup"}
	SiteList    = Op[None, []Site]{"site.list"}
	SiteRenew   = Op[None, SiteOwn]{"site.renew"}
)

// SiteOwn is what this unit proves itself by to others.
type SiteOwn struct {
	Code   string    `json:"code"`             // to be typed at the other unit
	Listen string    `json:"listen,omitempty"` // where others connect to us; "" nowhere
	Until  time.Time `json:"until"`            // the certificate; it is written anew by itself
}

// SitePairRequest has another site be trusted.
type SitePairRequest struct {
	Site    string   `json:"site"`
	Code    string   `json:"code"`    // what the other unit's `site code` printed
	Address string   `json:"address"` // host:port; "": only it connects to us
	Numbers []string `json:"numbers"` // its extensions: "3xx", "300-349"
	Public  string   `json:"public"`  // the number that is called while it is away, "" for none
}

// SiteRequest names a site.
type SiteRequest struct {
	Site string `json:"site"`
}

// SiteMayRequest says whether a site may do something here: call outside over our lines,
// watch our lamps, take calls that ring here.
type SiteMayRequest struct {
	Site string `json:"site"`
	On   bool   `json:"on"`
}

// Site is another site.
type Site struct {
	Site    string        `json:"site"`
	Numbers []string      `json:"numbers"`
	Address string        `json:"address,omitempty"`
	Code    string        `json:"code"`
	Public  string        `json:"public,omitempty"`
	Outside bool          `json:"outside"`
	Lamps   bool          `json:"lamps"`  // it may watch ours
	PickUp  bool          `json:"pickup"` // it may take calls that ring here
	Up      bool          `json:"up"`
	Since   time.Time     `json:"since"`
	Reason  *text.Message `json:"reason,omitempty"` // why it is away
	By      string        `json:"by"`
	At      time.Time     `json:"at"`
}
