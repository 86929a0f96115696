// Package alert tells the owner what can't wait: it watches facts and
// conditions, and delivers alerts by mail, webhook, syslog and telephone before a
// carrier would ask.
//
// Use New first, and give Observe as the recorder's observer. What is worth an
// alert is decided by alert/watch; the channels are alert/mail, alert/webhook
// and alert/syslog, which know nothing of each other.
//
// # Deliveries
//
// Each channel has a queue. What a server did not take is tried again with
// growing, jittered pauses for a day, over restarts too: deliveries are rows of
// the store until they are done. A delivery may come twice when a process dies
// in between; its ID is the same. AlertSent and AlertFailed are facts.
//
// While the store takes no writes alerts are sent from memory: that the store
// is degraded is one of them.
//
// # Concurrency
//
// Run is the owner: one goroutine watches, and one for each channel sends; all
// end with its context. Observe, Report, List and Test may be called from
// anywhere. Observe never blocks.
//
// # Limits
//
// See limits.go and alert/watch.
package alert
