-- What a search for projects looks in: code, name and client, each in a line, in lower case. It is folded by the program,
-- which knows every alphabet; what is here already is folded as well as the engine can, and again when it next changes.

ALTER TABLE project ADD COLUMN search_key TEXT NOT NULL DEFAULT '';
UPDATE project SET search_key = lower(code || '
' || name || '
' || client);
