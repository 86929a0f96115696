package fact

import (
	"encoding/json"
	"fmt"
)

// kinds lists every fact: what a leaf's type can be. Only ever add to it.
var kinds = []kind{
	of[AuthenticationFailed](), of[BookChanged](), of[BudgetExhausted](), of[BudgetNearing](), of[BudgetReleased](),
	of[CallAnswered](), of[CallCut](), of[CallEnded](), of[CallJudged](), of[CallMoved](),
	of[CallbackChanged](), of[CallRenewed](), of[CallStarted](),
	of[ChallengeFailed](), of[ChallengePassed](), of[ConfigChanged](), of[ControlUsed](), of[DayMarked](),
	of[EmergencyCalled](), of[EmergencyRefused](), of[GreetingSet](), of[GroupSet](), of[HoursSet](), of[KeySet](),
	of[LineAdded](), of[LineDown](), of[LineFailed](),
	of[LineRegistered](), of[LineRemoved](), of[LineUp](),
	of[MailFailed](), of[MailSent](), of[MailSet](), of[MenuSet](),
	of[MessageDeleted](), of[MessageExported](), of[MessageHeard](), of[MessageLeft](),
	of[ModeSwitched](),
	of[OpeningAdded](), of[OpeningExpired](),
	of[OpeningRemoved](), of[PhoneAdded](), of[PhoneDisabled](), of[PhoneEnabled](),
	of[PhoneExpired](), of[PhoneMoved](),
	of[PhoneRegistered](), of[PhoneRemoved](), of[PhoneUnregistered](), of[PINRemoved](), of[PINSet](),
	of[PINUnlocked](), of[PolicyApplied](), of[PromptSet](),
	of[RecordingBegun](), of[RecordingDeleted](), of[RecordingEnded](), of[RecordingPaused](), of[RecordingRead](),
	of[QueueSet](),
	of[QuarantineExpired](), of[QuarantineReleased](), of[QuarantineSet](), of[RetentionSet](),
	of[RingsSet](), of[ScreenChanged](),
	of[SecretRenewed](),
	of[SiteDown](), of[SiteKeyRenewed](), of[SitePaired](), of[SiteUnpaired](), of[SiteUp](),
	of[ServiceSet](), of[DeskUsed](), of[SpeedSet](),
	of[TariffImported](), of[TariffRemoved](),
	of[WakeUpSet](), of[UnitClaimed](), of[UnitStarted](), of[UnitStopped](), of[VerdictsDropped](),
	of[AlertFailed](), of[AlertSent](),
}

type kind struct {
	blank  Fact
	decode func(object []byte) (Fact, error)
}

func of[F Fact]() kind {
	var blank F
	return kind{blank: blank, decode: decode[F]}
}

func decode[F Fact](object []byte) (Fact, error) {
	var f F
	if err := json.Unmarshal(object, &f); err != nil {
		return nil, fmt.Errorf("decode %s: %w", f.Kind(), err)
	}
	return f, nil
}

// All gives one empty fact of every kind.
func All() []Fact {
	all := make([]Fact, 0, len(kinds))
	for _, k := range kinds {
		all = append(all, k.blank)
	}
	return all
}

// Decode makes a fact of the named kind from its JSON object. The error names
// a kind this version does not know.
func Decode(name string, object []byte) (Fact, error) {
	for _, k := range kinds {
		if k.blank.Kind() == name {
			return k.decode(object)
		}
	}
	return nil, fmt.Errorf("fact kind %q not known", name)
}
