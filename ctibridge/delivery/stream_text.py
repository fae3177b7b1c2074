"""When each frame of the stream is sent, in a sentence for who writes a client; what stands in them, `wire` says."""

SERVER = {
    "call.ringing": "A call rings at this desk: the first pop, in each round of a queue.",
    "call.updated": "A later revision of the same pop: context came, a candidate was chosen, a grant ended.",
    "call.answered": "Answered by this line; known from dialog-info.",
    "call.worked": "A missed call was taken or settled, or a note was written.",
    "call.ended": "The call is over at this desk, or this round of it; `call.outcome` says how.",
    "suggestions": "What the agent may do about what was selected.",
    "notice": "Something that is no call: several callers of one site, a line that is deaf, a node that is alone.",
    "welcome": "Signed in: the first frame. With `resumed` true the events behind `resume` follow, else this is all.",
    "pong": "Answers `ping`: the lines as they are now, and up to which event everything is stored.",
    "leader": "Of this agent's connections that can ring, this one does from now on, or no longer.",
    "people": "Answers `search`.",
    "today": "Answers `today`.",
    "colleagues": "Answers `colleagues`.",
    "error": "The last frame was wrong or not allowed; nothing came of it. A third wrong one ends the connection.",
}
DESK = {
    "auth": "The first frame, within five seconds: the token, and from where to resume.",
    "shown": "This event's pop is on the screen now.",
    "ack": "Everything up to this sequence was taken. Counts once `pong` says that it is stored.",
    "ping": "Asks whether somebody is there, and how the lines are; answered by `pong`.",
    "sit": "At these lines, of those that several share, I sit now; `[]` leaves.",
    "note": "A note on a call; everybody who has the call hears it, and it goes along when the call is handed over.",
    "choose": "This person is calling.",
    "select": "What the call is about; answered by `suggestions`.",
    "search": "People by a part of their name, e-mail or id; answered by `people`.",
    "take": "I call this missed caller back.",
    "done": "Nobody need call this missed caller back any more.",
    "today": "This desk's calls since then; answered by `today`.",
    "colleagues": "Who else answers for my customers; answered by `colleagues`.",
}
STREAM = """\
Who is calling, for which company, in which language, before the call is answered: the stream of one agent's desk.

What a client has to do:

* Say `auth` first, then read. The token is never a part of the address.
* Ignore events of types that it does not know, and fields that it does not know. There will be more within version 1.
* Remember `welcome.data.epoch` and the newest `sequence`, and name both in `resume` when it comes back: it gets what \
it missed, or `resumed` false and the whole state in `calls`.
* Wait longer from try to try, and as long as the reason of a 1012 or 1013 says. Stop at 4401 and 4403.
* Show names, notes and everything else as text. A caller writes his own display name.

`docs/desk.md` says what outlives what, `docs/stream-changelog.md` what was added when.
"""
WEBHOOKS = """\
The events of all desks, or of some, one POST each: those of one desk one after the other, in their order.

A receiver checks the signature over the body as it came, answers 2xx within the `timeout` once it has kept the event, \
and counts an `id` that comes twice once. 410 ends the webhook; redirects are not followed; after anything else the \
event comes again, or is told as lost by `webhook.gap`. `docs/webhooks.md` says when.
"""
