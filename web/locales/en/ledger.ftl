# The ledger, its records, and how to check them.
ledger-lead = Every movement of tokens and every deposit of evidence, in one log that only grows. Check it without trusting us.
ledger-size = Records sealed
ledger-signed = Last signed
ledger-waiting = Waiting to be sealed
ledger-records = Records
records-empty-title = No record is sealed yet
records-empty-text = The first issue of tokens makes the first record.
ledger-check = Check it yourself
ledger-check-text = Keep the key below, and a receipt proves its record to anybody, offline: the record's hash leads to the root, and the root is signed. Keep a checkpoint, and any later one must contain it.
ledger-origin = The log's name
ledger-root = Root over all records
ledger-key = Public key
ledger-checkpoint = Checkpoint, as it was signed
ledger-no-checkpoint = No checkpoint is signed yet.
record-waiting = Waiting to be sealed
record-postings = What it moved
record-texts = Texts behind it
record-texts-hint = { $count ->
    [one] { $count } text is committed to by this record; you see it if it concerns you.
   *[other] { $count } texts are committed to by this record; you see those that concern you.
}
record-proof = Proof that it is in the log
record-proof-text = Start with the record's hash and put each hash beside it, on the side named: hashing them together must end at the signed root.
record-leaf = The record's hash
record-root = { $count ->
    [one] The root over { $count } record
   *[other] The root over { $count } records
}
record-not-sealed = It waits to be sealed, which takes a second or two. Load the page again.
record-bytes = Its bytes
record-bytes-text = These very bytes were hashed. They hold no name and no text, only ids, numbers and digests.
record-id = Its id:
proof-left = put on the left
proof-right = put on the right
bytes-field = Field
bytes-hex = Bytes
bytes-map = Beginning
bytes-version = Format
bytes-kind = Kind
bytes-id = Id
bytes-posted-at = Posted at
bytes-postings = Postings
bytes-intent = Signed intent
bytes-commitments = Commitments
bytes-nonce = Random bytes
bytes-subject = What it is about
bytes-reversed = Record reversed
bytes-batch = Batch
bytes-effective-at = Effective from
bytes-unknown = Other
account-mint = Mint
account-treasury = Treasury
account-programme = Programme
account-person = Person's wallet
account-unit = Unit's wallet
account-escrow = Escrow
account-hold = Hold
account-retired = Used up
kind-issue = Issue
kind-allocate = Allocation
kind-fund = Funding
kind-payout = Payout
kind-refund = Refund
kind-transfer = Transfer
kind-hold = Hold
kind-release = Release
kind-retire = Use
kind-reversal = Reversal
kind-rules = Frozen rules
kind-evidence = Deposit of evidence
kind-key = Key
kind-epoch = New epoch
kind-anchor = Anchor
kind-erasure = Erasure
