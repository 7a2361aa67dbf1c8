"""From kept states to a moving picture.

`timing` says which two keyframes a moment lies between, `between` makes the edits of that moment, `morph` renders them
on the photo, `movie` writes the pictures to a file in one of the forms of `video`, `gif` and `numbered`.
"""
