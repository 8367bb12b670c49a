"""Courses from elsewhere: what other tools keep in folders and files, made into a course folder of ours.

`kinds` recognises what a source is and names the reader of each kind; a reader makes a `Draft`; `arrange`
gives it the names, links and pictures of a course; `bring` does it all and writes the folder at once. What
cannot be carried is told with its place, and stands as a comment where it was.
"""
