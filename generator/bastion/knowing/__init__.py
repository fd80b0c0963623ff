"""Help for users before they choose: all choices, and what one of them adds, stops and costs.

`catalogue` reads the choices and links them to defences, `comparing` finds the two projects that differ by one choice,
`constraints` says which answers rule a choice out. `explaining` renders those two projects; their difference is the
`addition`, with the tests of `promises`. `choices_page`,
`explanation_page` and `preset_page` write for people, `data` for machines.
"""
