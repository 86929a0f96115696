package engine

// What of io_uring is used (include/uapi/linux/io_uring.h).
const (
	setupCQSize       = 1 << 3
	setupSubmitAll    = 1 << 7
	setupSingleIssuer = 1 << 12
	setupDeferTaskrun = 1 << 13

	featureSingleMmap = 1 << 0
	featureExtArg     = 1 << 8
	featureCQESkip    = 1 << 11

	offsetRings       = 0
	offsetSubmissions = 0x10000000

	enterGetEvents = 1 << 0
	enterExtended  = 1 << 3

	opUpdateFiles     = 6
	opRegisterFiles   = 13
	opRegisterBuffers = 22

	registerSparse = 1 << 0

	opPollAdd        = 6
	opReceiveMessage = 10
	opCancel         = 14
	opSend           = 26
	opReceive        = 27

	sqeFixedFile    = 1 << 0
	sqeBufferSelect = 1 << 5
	sqeSkipSuccess  = 1 << 6

	pollMulti        = 1 << 0
	cancelAll        = 1 << 0
	cancelAny        = 1 << 2
	receivePollFirst = 1 << 0
	receiveMultishot = 1 << 1

	cqeBuffer = 1 << 0
	cqeMore   = 1 << 1
)
