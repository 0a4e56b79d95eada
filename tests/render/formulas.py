r"""Seventy formulas as models write them: in text and displayed, with the delimiters and environments they use."""

from __future__ import annotations

#: What is written in a reply, by a name for it.
FORMULAS: dict[str, str] = {
    # in a line of text
    "letter": r"The value $x$ is positive.",
    "sum of powers": r"Since $a^2 + b^2 = c^2$, the triangle is right-angled.",
    "fraction in text": r"The slope is $\frac{dy}{dx}$ at that point.",
    "root": r"It has length $\sqrt{x^2 + y^2}$.",
    "third root": r"And $\sqrt[3]{27} = 3$.",
    "function": r"Since $\sin x \le x$ for $x \ge 0$.",
    "power of a function": r"$\sin^2\theta + \cos^2\theta = 1$ holds everywhere.",
    "logarithm": r"This takes \(O(n \log n)\) steps.",
    "complexity": r"The cost is $\mathcal{O}(n^2)$.",
    "sets": r"For all $x \in \mathbb{R} \setminus \{0\}$.",
    "indices": r"The entry $a_{ij}$ of $A \in \mathbb{R}^{m \times n}$.",
    "prime": r"Then $f'(x) = 2x$ and $f''(x) = 2$.",
    "vector": r"The vector $\vec{v}$ and the unit vector $\hat{n}$.",
    "bold": r"With weights $\mathbf{w}^\top \mathbf{x} + b$.",
    "bold symbol": r"The parameters $\boldsymbol{\theta}$ are learnt.",
    "mean": r"The mean is $\bar{x} = \frac{1}{n}\sum_{i=1}^n x_i$.",
    "expectation": r"$\mathbb{E}[X] = \mu$ and $\operatorname{Var}(X) = \sigma^2$.",
    "probability": r"$P(A \mid B) = \dfrac{P(B \mid A)\,P(A)}{P(B)}$.",
    "norm": r"With $\|x\|_2 \leq 1$ and $\lVert y \rVert = 1$.",
    "absolute value": r"If $|x - a| < \delta$ then $\left|f(x) - L\right| < \varepsilon$.",
    "binomial": r"There are $\binom{n}{k}$ of them.",
    "floor": r"Take $\lfloor x \rfloor$ or $\lceil x \rceil$.",
    "degrees": r"At $90^\circ$ it stops.",
    "percent": r"That is $50\%$ of $\$20$.",
    "text in a formula": r"$v_{\text{max}} = 12\,\text{m/s}$ is the limit.",
    "dots": r"The numbers $1, 2, \ldots, n$ and $x_1 + \cdots + x_n$.",
    "blanks inside": r"The law \( E = mc^2 \) is famous.",
    "congruence": r"Then $a \equiv b \pmod{n}$.",
    "arrow": r"A function $f \colon A \to B$, and $A \implies B$.",
    "subset": r"$A \subseteq B \iff A \cap B = A$.",
    "chemistry": r"Water is $\mathrm{H_2O}$.",
    "gradient": r"The gradient $\nabla_\theta J(\theta)$ is followed.",
    "negation": r"So $a \neq b$ and $x \notin S$.",
    "overline": r"$\overline{A \cup B} = \overline{A} \cap \overline{B}$",
    # on lines of their own
    "quadratic": "$$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$",
    "quadratic in brackets": "\\[\nx_{1,2} = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}\n\\]",
    "blanks around": "$$ \\int_0^\\infty e^{-x^2} \\, dx = \\frac{\\sqrt{\\pi}}{2} $$",
    "series": "$$\ne^x = \\sum_{n=0}^{\\infty} \\frac{x^n}{n!}\n$$",
    "limit": "$$\\lim_{h \\to 0} \\frac{f(x+h) - f(x)}{h}$$",
    "product": "$$\\prod_{p \\text{ prime}} \\frac{1}{1 - p^{-s}} = \\zeta(s)$$",
    "matrix": "$$A = \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}, \\quad \\det A = ad - bc$$",
    "matrix with dots": (
        "$$\\begin{bmatrix} a_{11} & \\cdots & a_{1n} \\\\ \\vdots & \\ddots & \\vdots \\\\ a_{m1} & \\cdots & a_{mn} "
        "\\end{bmatrix}$$"
    ),
    "determinant": "$$\\begin{vmatrix} a & b \\\\ c & d \\end{vmatrix}$$",
    "augmented": "$$\\left[\\begin{array}{cc|c} 1 & 2 & 3 \\\\ 4 & 5 & 6 \\end{array}\\right]$$",
    "cases": "$$f(x) = \\begin{cases} x^2 & \\text{if } x \\geq 0 \\\\ -x & \\text{otherwise} \\end{cases}$$",
    "cases with formulas in words": (
        "$$|x| = \\begin{cases} x, & \\text{if $x \\ge 0$,} \\\\ -x, & \\text{if $x_{1} < 0$.} \\end{cases}$$"
    ),
    "aligned": "$$\n\\begin{aligned}\n(a+b)^2 &= (a+b)(a+b) \\\\\n&= a^2 + 2ab + b^2\n\\end{aligned}\n$$",
    "align with a label": (
        "\\begin{align}\n\\label{eq:first}\na &= b + c \\\\\nd &= e - f \\label{eq:second} \\nonumber\n\\end{align}"
    ),
    "align in dollars": "$$\\begin{align*} x + y &= 3 \\\\[4pt] x - y &= 1 \\end{align*}$$",
    "equation": "\\begin{equation}\n\\label{eq:euler}\ne^{i\\pi} + 1 = 0\n\\end{equation}",
    "gather": "\\begin{gather*}\na = b \\\\\nc + d = e\n\\end{gather*}",
    "split": "\\begin{equation}\\begin{split} a &= b \\\\ &\\quad + c \\end{split}\\end{equation}",
    "multline": "\\begin{multline*} p(x) = 3x^6 + 14x^5y \\\\ - 12xy^5 + 2y^6 \\end{multline*}",
    "torn by a blank line": "$$\na = b\n\n+ c\n$$",
    "torn brackets": "\\[\n\\begin{aligned}\nx &= 1 \\\\\n\ny &= 2\n\\end{aligned}\n\\]",
    "optimum": "$$\\hat{\\theta} = \\operatorname*{arg\\,max}_{\\theta} \\log p(x \\mid \\theta)$$",
    "argmin": "$$w^* = \\arg\\min_{w} \\|Xw - y\\|_2^2 + \\lambda \\|w\\|_1$$",
    "attention": ("$$\\text{Attention}(Q, K, V) = \\text{softmax}\\left(\\frac{QK^\\top}{\\sqrt{d_k}}\\right)V$$"),
    "normal density": (
        "$$f(x) = \\frac{1}{\\sigma\\sqrt{2\\pi}} "
        "\\exp\\!\\left(-\\frac{1}{2}\\left(\\frac{x-\\mu}{\\sigma}\\right)^{\\!2}\\right)$$"
    ),
    "brace below": "$$\\underbrace{1 + 2 + \\cdots + n}_{n \\text{ terms}} = \\frac{n(n+1)}{2}$$",
    "boxed": "$$\\boxed{x = 42}$$",
    "derivatives": "$$\\frac{\\partial^2 u}{\\partial t^2} = c^2 \\nabla^2 u$$",
    "integral around": "$$\\oint_{\\partial S} \\mathbf{E} \\cdot d\\boldsymbol{\\ell} = -\\frac{d\\Phi_B}{dt}$$",
    "tag": "$$E = mc^2 \\tag{1}$$",
    "substack": "$$\\sum_{\\substack{i=1 \\\\ i \\ne j}}^{n} a_i$$",
    "double integral": "$$\\iint_D f(x,y)\\,dA \\quad \\text{and} \\quad \\iiint_V g \\, dV$$",
    "sizes": "$$\\Big( \\big[ x \\big] \\Big) \\xrightarrow{n \\to \\infty} \\overset{!}{=} 0$$",
    "evaluated": "$$\\left. \\frac{x^3}{3} \\right|_0^1 = \\frac{1}{3}$$",
    "bra and ket": "$$\\langle \\psi | \\hat{H} | \\psi \\rangle = E$$",
    "cancelled": "$$\\frac{\\cancel{x} y}{\\cancel{x}} = y$$",
}
