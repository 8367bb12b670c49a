"""The door: WeChat's wire in both directions. Read it from `webhook.py` outward.

In, in the order in which a message goes:

    front     the address /wechat on the wire, and its limits
    edge      the loop: in time, one follower's messages in order, threads for what waits
    webhook   the way of one message; everything below is a word of it
      gate       who gets in, and with what
        signature, envelope, document, message     is it WeChat, what did it send
      keeper     what the store knows of it, in two trips
        recall       is it a repeat: once, however often it is delivered
        line         after the follower's last one, across processes
        conversation what was talked of, and the answers that are owed
      robot      whose handler answers; reply: what an answer may look like
      late       an answer that missed the wire goes out as a message of its own
      notes, stages                    its figures and its line in the log

Out:

    api       all calls to WeChat, by topic in calls/
      token, shared     one token for all processes
      quota      how many messages a follower can still be sent
      errcode, answers  what WeChat's answers mean
    menu, menu_difference, oauth

It knows no course and imports `infra` at most: `app` puts the handlers in.
"""
