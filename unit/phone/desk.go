package phone

import "maps"

// seats are who is logged in at phones that are free for anybody.
type seats struct {
	byDevice map[string]string // extension
	byExt    map[string][]string
}

// Seat says who is logged in where: extensions by device. Such a phone is reached under
// the extension, and what it asks for that asks, beside its own.
func (r *Registry) Seat(extensions map[string]string) {
	s := &seats{byDevice: maps.Clone(extensions), byExt: make(map[string][]string)}
	for device, extension := range extensions {
		s.byExt[extension] = append(s.byExt[extension], device)
	}
	r.seats.Store(s)
}

// Seated is the extension whose the requests of a phone are: of who is logged in there, or
// else its own; "" where there is no such phone.
func (r *Registry) Seated(device string) string {
	p := r.device(device)
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return r.uses(p)
}

// Home is the extension that a phone is of, whoever is logged in there; "" where there is
// no such phone.
func (r *Registry) Home(device string) string {
	p := r.device(device)
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.row.Extension
}

// uses is Seated for who holds the phone's lock.
func (r *Registry) uses(p *phone) string {
	if s := r.seats.Load(); s != nil {
		if extension, ok := s.byDevice[p.row.Device]; ok {
			return extension
		}
	}
	return p.row.Extension
}

// guests are the phones at which an extension is logged in that are not its own.
func (r *Registry) guests(extension string) (phones []*phone) {
	s := r.seats.Load()
	if s == nil {
		return nil
	}
	for _, device := range s.byExt[extension] {
		if p := r.device(device); p != nil {
			phones = append(phones, p)
		}
	}
	return phones
}
