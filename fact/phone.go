package fact

import "time"

// PhoneAdded says that a phone and its credential were created.
type PhoneAdded struct {
	Phone
}

// Kind is "phone.added".
func (PhoneAdded) Kind() string { return "phone.added" }

// Links ties the credential to its creator.
func (f PhoneAdded) Links() Links {
	return Links{Subject: "phone/" + f.Device, Actor: f.CreatedBy}
}

// PhoneRemoved says that a phone and its credential are gone.
type PhoneRemoved struct {
	Extension string    `json:"extension"`
	Device    string    `json:"device"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

// Kind is "phone.removed".
func (PhoneRemoved) Kind() string { return "phone.removed" }

// Links ties the removal to the phone.
func (f PhoneRemoved) Links() Links { return phoneLinks(f.Device, f.By) }

// PhoneDisabled says that a phone was taken out of use: it registers and calls
// no more, but for emergencies.
type PhoneDisabled struct {
	Extension string    `json:"extension"`
	Device    string    `json:"device"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

// Kind is "phone.disabled".
func (PhoneDisabled) Kind() string { return "phone.disabled" }

// Links ties it to the phone.
func (f PhoneDisabled) Links() Links { return phoneLinks(f.Device, f.By) }

// PhoneEnabled says that a phone was put back into use.
type PhoneEnabled struct {
	Extension string    `json:"extension"`
	Device    string    `json:"device"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

// Kind is "phone.enabled".
func (PhoneEnabled) Kind() string { return "phone.enabled" }

// Links ties it to the phone.
func (f PhoneEnabled) Links() Links { return phoneLinks(f.Device, f.By) }

// SecretRenewed says that a phone has a new credential.
type SecretRenewed struct {
	Extension    string    `json:"extension"`
	Device       string    `json:"device"`
	User         string    `json:"user"`
	SecretSealed Sealed    `json:"secret_mark"`
	By           string    `json:"by"`
	At           time.Time `json:"at"`
}

// Kind is "phone.secret-renewed".
func (SecretRenewed) Kind() string { return "phone.secret-renewed" }

// Links ties the new credential to the phone.
func (f SecretRenewed) Links() Links { return phoneLinks(f.Device, f.By) }

// PhoneRegistered says that a phone has a new binding; a refresh is no fact.
type PhoneRegistered struct {
	Pointer   string    `json:"pointer"` // Binding.Pointer
	Extension string    `json:"extension"`
	Device    string    `json:"device"`
	User      string    `json:"user"` // credential
	Contact   string    `json:"contact"`
	Source    string    `json:"source"`
	Transport string    `json:"transport"`
	Listener  string    `json:"listener,omitempty"`
	UserAgent string    `json:"user_agent,omitempty"`
	Expires   time.Time `json:"expires"`
	At        time.Time `json:"at"`
}

// Kind is "phone.registered".
func (PhoneRegistered) Kind() string { return "phone.registered" }

// Links ties the registration to its credential.
func (f PhoneRegistered) Links() Links {
	actor := "phone/" + f.Device
	return Links{Subject: f.Pointer, Actor: actor, Causes: []string{actor}}
}

// PhoneMoved says that a credential was used from a new address or with
// another User-Agent than before.
type PhoneMoved struct {
	Extension    string    `json:"extension"`
	Device       string    `json:"device"`
	User         string    `json:"user"`
	From         string    `json:"from"` // source before
	To           string    `json:"to"`   // source now
	OldUserAgent string    `json:"old_user_agent,omitempty"`
	NewUserAgent string    `json:"new_user_agent,omitempty"`
	At           time.Time `json:"at"`
}

// Kind is "phone.moved".
func (PhoneMoved) Kind() string { return "phone.moved" }

// Links ties the move to the credential.
func (f PhoneMoved) Links() Links { return phoneLinks(f.Device, "phone/"+f.Device) }

// PhoneUnregistered says that a binding was taken away, by the phone or by
// the unit.
type PhoneUnregistered struct {
	Pointer   string    `json:"pointer"`
	Extension string    `json:"extension"`
	Device    string    `json:"device"`
	Contact   string    `json:"contact"`
	Why       string    `json:"why"` // "asked", "replaced", "removed"
	At        time.Time `json:"at"`
}

// Kind is "phone.unregistered".
func (PhoneUnregistered) Kind() string { return "phone.unregistered" }

// Links ties the end of the registration to it.
func (f PhoneUnregistered) Links() Links {
	return Links{Subject: f.Pointer, Actor: "phone/" + f.Device, Causes: []string{f.Pointer}}
}

// PhoneExpired says that a binding ran out without a refresh.
type PhoneExpired struct {
	Pointer   string    `json:"pointer"`
	Extension string    `json:"extension"`
	Device    string    `json:"device"`
	Contact   string    `json:"contact"`
	At        time.Time `json:"at"`
}

// Kind is "phone.expired".
func (PhoneExpired) Kind() string { return "phone.expired" }

// Links ties the expiry to the registration.
func (f PhoneExpired) Links() Links {
	return Links{Subject: f.Pointer, Causes: []string{f.Pointer}}
}

// AuthenticationFailed counts failed sign-ins: sampled and summed up, so that
// an attacker can't fill the evidence.
type AuthenticationFailed struct {
	Source    string    `json:"source"` // address or prefix
	Listener  string    `json:"listener,omitempty"`
	Method    string    `json:"method,omitempty"` // of the sample
	User      string    `json:"user,omitempty"`   // of the sample, if known to us
	UserAgent string    `json:"user_agent,omitempty"`
	Count     int       `json:"count"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
}

// Kind is "authentication.failed".
func (AuthenticationFailed) Kind() string { return "authentication.failed" }

func phoneLinks(device, actor string) Links {
	subject := "phone/" + device
	return Links{Subject: subject, Actor: actor, Causes: []string{subject}}
}
