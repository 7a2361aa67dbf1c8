"""The engine's life: a mailbox between two threads, a pump that advances generators, the table of what each job runs.

An edit is a job put into the mailbox by the editor; the pump, on the engine's one thread, takes the newest, asks the
table for the generator that does it, and advances that generator step by step, looking into the mailbox in between.
Because every job is a generator, a brush stroke stops a solve, or holds up an export, merely by the pump not calling
`next` on it; there is one thread, and no lock outside the mailbox.
"""
