package chain

const (
	leafVersion    = 1
	causesMax      = 16      // causes of one leaf
	fieldsMax      = 64      // fields of one fact
	bodyBytesMax   = 1 << 16 // body and personal values of one fact
	bodyBytesUsual = 640     // room that most bodies need
	leafBytesUsual = 480     // and most leaves
	saltBytes      = 16
	checkpointsMax = 1 << 14 // bytes of one checkpoint note
)
