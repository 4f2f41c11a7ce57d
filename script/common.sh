# Finds the Python that the portal is written for, and enters the checkout. Read by script/server and script/test.
cd "$(dirname "$0")/.." || exit 1

is_right() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2> /dev/null
}

python=${PYTHON:-python3.11}
if [ -z "${PYTHON:-}" ] && ! is_right "$python"; then
    python=python3
fi
if ! is_right "$python"; then
    if version=$("$python" --version 2>&1); then
        chinese="这里是 $version" english="here is $version"
    else
        chinese="这里没有 $python" english="there is no $python here"
    fi
    echo "需要 Python 3.11，${chinese}；请安装 python3.11，或用环境变量 PYTHON 指明它的路径。" >&2
    echo "Python 3.11 is needed, ${english}; install python3.11 or name its path in the variable PYTHON." >&2
    exit 1
fi
