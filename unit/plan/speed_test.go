package plan

import "testing"

// TestCallBack: who called from outside is called back at an ordinary number within Japan
// alone, by what a phone dials; an extension that called is, too, unless it is claimed to be
// one outside.
func TestCallBack(t *testing.T) {
	s := office()
	s.OutsidePrefix = "0"
	p := mustNew(t, s)
	for caller, want := range map[string]string{
		"0455551234": "00455551234", "+81455551234": "00455551234", "09012345678": "009012345678",
		"05012345678": "005012345678", "0120123456": "00120123456", "0800123456": "",
		"08001234567": "008001234567",
		"0570012345":  "", "0180991234": "", "0990123456": "", "0204123456": "", "02012345678": "",
		"+14155552671": "", "+23277123456": "", "+870773123456": "", "+881612345678": "", "+882161234567": "",
		"010442071234567": "", "110": "", "117": "", "#7119": "", "201": "", "": "", "anonymous": "",
		"1840455551234": "", "*8228": "",
	} {
		if got, ok := p.CallBack(caller, true); ok && got != want || ok != (want != "") {
			t.Errorf("%q is called back by %q, %v, not %q", caller, got, ok, want)
		}
	}
	if got, ok := p.CallBack("201", false); !ok || got != "201" {
		t.Errorf("201 is called back by %q, %v", got, ok)
	}
}
