"""What the daemon tells other programs: each desk's stored events, posted one after the other.

The outbox is the queue. `cursor` and `lane` say how far one receiver has come with one desk and what was lost on the
way, `turns` whose desk is next, `pace` when the receiver may be asked again, `showing` and `narrowing` what of an event
it may hear, `forms` how that is written. The driver is `delivery.adapters.webhook`.
"""
